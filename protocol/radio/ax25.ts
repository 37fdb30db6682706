/**
 * AX.25 UI frames (AX.25 Link Access Protocol 2.2, §3 and §4.3.3.6) as KISS carries them: without
 * flags and check sequence.
 */

const ADDRESS_BYTES = 7;
const DIGIPEATERS_MAX = 8;
/** §6.7.1.2: N1, the longest information field unless both ends agreed otherwise. */
const INFO_BYTES_MAX = 256;
const CONTROL_UI = 0x03;
/** The poll/final bit, which UI frames may carry (§4.3.3.6). */
const POLL_FINAL = 0x10;
const PID_NO_LAYER_3 = 0xf0;
/** §3.12.2: bits 5 and 6 of an SSID byte are reserved and set. */
const RESERVED = 0x60;
/** C bit of destination and source (§6.1.2), H bit of a digipeater (§3.12.5). */
const TOP = 0x80;
const LAST = 0x01;

export interface Ax25Address {
  /** 1…6 of A-Z, 0-9. */
  readonly call: string;
  /** 0…15. */
  readonly ssid: number;
}

interface Digipeater extends Ax25Address {
  /** True if it has repeated the frame. */
  readonly repeated: boolean;
}

export interface UiFrame {
  readonly destination: Ax25Address;
  readonly source: Ax25Address;
  /** At most 8 digipeaters. */
  readonly digipeaters: readonly Digipeater[];
  /** At most 256 bytes when encoded. */
  readonly info: Uint8Array;
}

/** Reads "N0CALL-9" or "N0CALL"; `undefined` if a frame cannot hold the address. */
export function parseAddress(text: string): Ax25Address | undefined {
  const [, call, ssid = '0'] = /^([A-Z0-9]{1,6})(?:-(\d|1[0-5]))?$/.exec(text) ?? [];
  return call === undefined ? undefined : { call, ssid: Number(ssid) };
}

/** Writes an address as usual: an SSID of 0 is not shown. */
export function addressText({ call, ssid }: Ax25Address): string {
  return ssid === 0 ? call : `${call}-${ssid}`;
}

/**
 * Writes a command frame of version 2.
 * @throws RangeError if a frame cannot have this address, path or length
 */
export function encodeUi({ destination, source, digipeaters, info }: UiFrame): Uint8Array {
  if (digipeaters.length > DIGIPEATERS_MAX) throw new RangeError(`${digipeaters.length} digipeaters in a path`);
  if (info.length > INFO_BYTES_MAX) throw new RangeError(`${info.length} bytes of information`);
  const addresses = [
    { ...destination, top: true },
    { ...source, top: false },
    ...digipeaters.map((one) => ({ ...one, top: one.repeated })),
  ];
  const frame = new Uint8Array(addresses.length * ADDRESS_BYTES + 2 + info.length);
  addresses.forEach((address, index) => {
    putAddress(frame, index * ADDRESS_BYTES, address, address.top);
  });
  const header = addresses.length * ADDRESS_BYTES;
  frame[header - 1] = (frame[header - 1] ?? 0) | LAST;
  frame.set([CONTROL_UI, PID_NO_LAYER_3], header);
  frame.set(info, header + 2);
  return frame;
}

function putAddress(frame: Uint8Array, at: number, address: Ax25Address, top: boolean): void {
  if (parseAddress(addressText(address)) === undefined) throw new RangeError(`no AX.25 address: ${address.call}`);
  const padded = address.call.padEnd(ADDRESS_BYTES - 1);
  for (let i = 0; i < ADDRESS_BYTES - 1; i++) frame[at + i] = padded.charCodeAt(i) << 1;
  frame[at + ADDRESS_BYTES - 1] = (top ? TOP : 0) | RESERVED | (address.ssid << 1);
}

/**
 * Returns `undefined` for anything but a UI frame without layer 3. It ignores the C bits: version 1
 * stations set neither.
 */
export function parseUi(frame: Uint8Array): UiFrame | undefined {
  const addresses: Digipeater[] = [];
  for (let at = 0; ; at += ADDRESS_BYTES) {
    const address = readAddress(frame, at);
    if (address === undefined || addresses.length === 2 + DIGIPEATERS_MAX) return undefined;
    addresses.push(address);
    if (((frame[at + ADDRESS_BYTES - 1] ?? 0) & LAST) !== 0) break;
  }
  const [destination, source, ...digipeaters] = addresses;
  const header = addresses.length * ADDRESS_BYTES;
  if (destination === undefined || source === undefined || frame.length < header + 2) return undefined;
  if (((frame[header] ?? 0) & ~POLL_FINAL) !== CONTROL_UI || frame[header + 1] !== PID_NO_LAYER_3) return undefined;
  return { destination: plain(destination), source: plain(source), digipeaters, info: frame.slice(header + 2) };
}

function plain({ call, ssid }: Digipeater): Ax25Address {
  return { call, ssid };
}

function readAddress(frame: Uint8Array, at: number): Digipeater | undefined {
  if (frame.length < at + ADDRESS_BYTES) return undefined;
  let padded = '';
  for (let i = at; i < at + ADDRESS_BYTES - 1; i++) {
    const byte = frame[i] ?? 0;
    if ((byte & LAST) !== 0) return undefined;
    padded += String.fromCharCode(byte >> 1);
  }
  const call = padded.trimEnd();
  if (!/^[A-Z0-9]{1,6}$/.test(call)) return undefined;
  const ssidByte = frame[at + ADDRESS_BYTES - 1] ?? 0;
  return { call, ssid: (ssidByte >> 1) & 0x0f, repeated: (ssidByte & TOP) !== 0 };
}
