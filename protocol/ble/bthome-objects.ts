/**
 * BTHome v2 objects by id (bthome.io, "Format"; sizes as in bthome-ble 3.x). Values are
 * little-endian.
 */
export const BTHOME = {
  packetId: 0x00,
  /** In %, uint8. */
  battery: 0x01,
  /** In 0.001 V, uint16. */
  voltage: 0x0c,
  opening: 0x11,
  /** 1 = low. */
  batteryLow: 0x15,
  door: 0x1a,
  garageDoor: 0x1b,
  /** 1 = unlocked. */
  lock: 0x1f,
  tamper: 0x2b,
  window: 0x2d,
  button: 0x3a,
} as const;

/**
 * Length of a value in bytes by object id, sixteen ids in a row. 0 means that the id is not
 * published. x means that the value's first byte holds its length (text, raw).
 */
const SIZES = [
  '1122332221332221', // 00…0F
  '1122211111111111', // 10…1F
  '1111111111111111', // 20…2F
  '0000000000102242', // 30…3F
  '2232221222234444', // 40…4F
  '422xx42111244222', // 50…5F
  '12441', // 60…64
].join('');

/** Ids of the device's type and firmware. */
const DEVICE_SIZES: ReadonlyMap<number, number> = new Map([
  [0xf0, 2],
  [0xf1, 4],
  [0xf2, 3],
]);

/**
 * Returns the length of the value at `at`. It is `undefined` for an unpublished id: the end of its
 * value is unknown, and so is everything after it.
 */
export function valueSize(id: number, payload: Uint8Array, at: number): number | undefined {
  const size = SIZES[id];
  if (size === 'x') return 1 + (payload[at] ?? 0);
  return size === undefined ? DEVICE_SIZES.get(id) : Number(size) || undefined;
}

/** Ids of the objects, up to the first one whose length is not known. */
export function objectIds(payload: Uint8Array): number[] {
  const ids: number[] = [];
  for (let at = 0; at < payload.length; ) {
    const id = payload[at] ?? 0;
    const size = valueSize(id, payload, at + 1);
    ids.push(id);
    if (size === undefined) break;
    at += 1 + size;
  }
  return ids;
}
