/**
 * Advertising data is a sequence of structures: length, type, value (Core Specification, vol. 3
 * part C §11).
 */
interface AdStructure {
  /** Type 0…255 (Assigned Numbers §2.3). */
  readonly type: number;
  readonly value: Uint8Array;
}

const AD_FLAGS = 0x01;
export const AD_SERVICE_UUIDS_16 = 0x03;
const AD_SERVICE_DATA_16 = 0x16;
export const AD_MANUFACTURER = 0xff;

/** Largest size of a legacy advertisement in bytes. */
const ADVERTISING_BYTES_MAX = 31;

/** Flags: LE General Discoverable, BR/EDR not supported. */
export const GENERAL_DISCOVERABLE: AdStructure = { type: AD_FLAGS, value: Uint8Array.of(0x06) };

/** @param uuid 16 bits; the wire has it little-endian. */
export function serviceData(uuid: number, data: Uint8Array): AdStructure {
  const value = new Uint8Array(2 + data.length);
  value[0] = uuid & 0xff;
  value[1] = uuid >> 8;
  value.set(data, 2);
  return { type: AD_SERVICE_DATA_16, value };
}

/** @throws RangeError if it does not fit into a legacy advertisement. */
export function composeAdvertisingData(structures: readonly AdStructure[]): Uint8Array {
  const length = structures.reduce((sum, { value }) => sum + 2 + value.length, 0);
  if (length > ADVERTISING_BYTES_MAX) {
    throw new RangeError(`an advertisement carries ${ADVERTISING_BYTES_MAX} bytes, not ${length}`);
  }
  const data = new Uint8Array(length);
  let at = 0;
  for (const { type, value } of structures) {
    data[at] = 1 + value.length;
    data[at + 1] = type;
    data.set(value, at + 2);
    at += 2 + value.length;
  }
  return data;
}

/**
 * Returns the structures up to the first one that is cut off or has length 0. A length of 0 ends
 * the significant part.
 */
export function parseAdvertisingData(data: Uint8Array): AdStructure[] {
  const structures: AdStructure[] = [];
  let at = 0;
  while (at + 1 < data.length) {
    const length = data[at] ?? 0;
    if (length === 0 || at + 1 + length > data.length) break;
    structures.push({ type: data[at + 1] ?? 0, value: data.slice(at + 2, at + 1 + length) });
    at += 1 + length;
  }
  return structures;
}
