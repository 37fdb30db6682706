/**
 * The structures of Linux `include/uapi/linux/gpio.h` (uAPI v2) from the kernel's side: it reads a
 * program's requests and writes the kernel's answers. It is written independently of the gateway's
 * layouts, so that a mistake in one shows against the other.
 */

const NAME = 32;

export const IOCTL = {
  /** `_IOR(0xB4, 0x01, struct gpiochip_info)` and the like. */
  GET_CHIPINFO: 0x8044b401,
  V2_GET_LINEINFO: 0xc100b405,
  V2_GET_LINE: 0xc250b407,
  V2_LINE_GET_VALUES: 0xc010b40e,
  V2_LINE_SET_VALUES: 0xc010b40f,
} as const;

export const FLAG = {
  USED: 0x001n,
  INPUT: 0x004n,
  OUTPUT: 0x008n,
  EDGE_RISING: 0x010n,
  EDGE_FALLING: 0x020n,
  BIAS_PULL_UP: 0x100n,
  BIAS_PULL_DOWN: 0x200n,
  BIAS_DISABLED: 0x400n,
} as const;

const KNOWN_FLAGS = 0x73cn;
const LINES_MAX = 64;
const ATTRIBUTES_MAX = 10;
const ATTRIBUTE_OUTPUT_VALUES = 2;

export interface LineRequest {
  readonly offsets: readonly number[];
  readonly consumer: string;
  readonly flags: bigint;
  /** Levels of the outputs, one bit per line. */
  readonly values: bigint;
  /** Number of events that the kernel buffers. */
  readonly bufferSize: number;
}

/** Returns `undefined` where the kernel answers EINVAL. */
export function readLineRequest(bytes: Uint8Array, lineCount: number): LineRequest | undefined {
  const fields = view(bytes);
  const count = fields.getUint32(560, true);
  const attributes = fields.getUint32(296, true);
  if (count === 0 || count > LINES_MAX || attributes > ATTRIBUTES_MAX) return undefined;
  // The padding "must be zero filled".
  if (!isZero(bytes, 300, 320) || !isZero(bytes, 568, 588)) return undefined;
  const offsets = Array.from({ length: count }, (_, index) => fields.getUint32(4 * index, true));
  const flags = fields.getBigUint64(288, true);
  if (offsets.some((offset) => offset >= lineCount) || !areValid(flags)) return undefined;
  let values = 0n;
  for (let index = 0; index < attributes; index++) {
    const at = 320 + 24 * index;
    if (fields.getUint32(at, true) !== ATTRIBUTE_OUTPUT_VALUES || fields.getUint32(at + 4, true) !== 0)
      return undefined;
    values |= fields.getBigUint64(at + 8, true) & fields.getBigUint64(at + 16, true);
  }
  const wanted = fields.getUint32(564, true);
  const bufferSize = wanted === 0 ? count * 16 : Math.min(wanted, LINES_MAX * 16);
  return { offsets, consumer: readText(bytes, 256), flags, values, bufferSize };
}

/** Checks the flags like `gpio_v2_line_flags_validate` in drivers/gpio/gpiolib-cdev.c. */
function areValid(flags: bigint): boolean {
  if ((flags & ~KNOWN_FLAGS) !== 0n) return false;
  if (has(flags, FLAG.INPUT) && has(flags, FLAG.OUTPUT)) return false;
  if (has(flags, FLAG.EDGE_RISING | FLAG.EDGE_FALLING) && !has(flags, FLAG.INPUT)) return false;
  const biases = [FLAG.BIAS_PULL_UP, FLAG.BIAS_PULL_DOWN, FLAG.BIAS_DISABLED].filter((bias) => has(flags, bias));
  return biases.length === 0 || (biases.length === 1 && has(flags, FLAG.INPUT | FLAG.OUTPUT));
}

export function has(flags: bigint, any: bigint): boolean {
  return (flags & any) !== 0n;
}

export function writeRequestFd(bytes: Uint8Array, fd: number): void {
  view(bytes).setInt32(588, fd, true);
}

export function writeChipInfo(bytes: Uint8Array, name: string, label: string, lines: number): void {
  writeText(bytes, 0, name);
  writeText(bytes, NAME, label);
  view(bytes).setUint32(64, lines, true);
}

export function readLineInfoOffset(bytes: Uint8Array): number {
  return view(bytes).getUint32(64, true);
}

export function writeLineInfo(bytes: Uint8Array, name: string, consumer: string, flags: bigint): void {
  writeText(bytes, 0, name);
  writeText(bytes, NAME, consumer);
  view(bytes).setBigUint64(72, flags, true);
}

export function readLineValues(bytes: Uint8Array): { readonly bits: bigint; readonly mask: bigint } {
  return { bits: view(bytes).getBigUint64(0, true), mask: view(bytes).getBigUint64(8, true) };
}

export function writeLineBits(bytes: Uint8Array, bits: bigint): void {
  view(bytes).setBigUint64(0, bits, true);
}

export interface LineEvent {
  readonly timestampNs: bigint;
  readonly rising: boolean;
  readonly offset: number;
  readonly seqno: number;
  readonly lineSeqno: number;
}

export const EVENT_BYTES = 48;

export function lineEvent(event: LineEvent): Uint8Array {
  const bytes = new Uint8Array(EVENT_BYTES);
  const fields = view(bytes);
  fields.setBigUint64(0, event.timestampNs, true);
  fields.setUint32(8, event.rising ? 1 : 2, true);
  fields.setUint32(12, event.offset, true);
  fields.setUint32(16, event.seqno, true);
  fields.setUint32(20, event.lineSeqno, true);
  return bytes;
}

function view(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function isZero(bytes: Uint8Array, from: number, to: number): boolean {
  return bytes.subarray(from, to).every((byte) => byte === 0);
}

function readText(bytes: Uint8Array, at: number): string {
  return (
    Buffer.from(bytes.subarray(at, at + NAME))
      .toString('utf8')
      .split('\0')[0] ?? ''
  );
}

function writeText(bytes: Uint8Array, at: number, text: string): void {
  bytes.fill(0, at, at + NAME);
  bytes.set(Buffer.from(text, 'utf8').subarray(0, NAME - 1), at);
}
