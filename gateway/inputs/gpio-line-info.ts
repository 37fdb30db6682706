/**
 * What only looks at chips and lines: byte layouts and constants of Linux
 * `include/uapi/linux/gpio.h`, uAPI v2 (Linux 5.10 and newer), under the header's names.
 * Little-endian; the layouts are the same on 32 and 64 bits.
 */

/** `GPIO_MAX_NAME_SIZE` */
export const NAME_BYTES = 32;
/** `struct gpiochip_info` */
export const CHIP_INFO_BYTES = 68;
/** `struct gpio_v2_line_info` */
export const LINE_INFO_BYTES = 256;

const READ = 2;
const READ_WRITE = 3;

/** `_IOC(direction, 0xB4, number, size)` of asm-generic/ioctl.h. */
function ioc(direction: number, number: number, bytes: number): number {
  return ((direction << 30) | (bytes << 16) | (0xb4 << 8) | number) >>> 0;
}

/** `_IOWR(0xB4, number, struct)` */
export function readWriteRequest(number: number, structBytes: number): number {
  return ioc(READ_WRITE, number, structBytes);
}

export const GPIO_GET_CHIPINFO_IOCTL = ioc(READ, 0x01, CHIP_INFO_BYTES);
export const GPIO_V2_GET_LINEINFO_IOCTL = readWriteRequest(0x05, LINE_INFO_BYTES);

/** `GPIO_V2_LINE_FLAG_USED`, in the lower half of the 64 bits. */
const FLAG_USED = 1 << 0;
/** Where the fields of `struct gpio_v2_line_info` are. */
const LINE_INFO = { consumer: NAME_BYTES, offset: 64, flags: 72 };

interface ChipInfo {
  readonly name: string;
  readonly label: string;
  readonly lines: number;
}

export interface LineInfo {
  readonly name: string;
  readonly consumer: string;
  readonly used: boolean;
}

export function readChipInfo(bytes: Uint8Array): ChipInfo {
  return { name: text(bytes, 0), label: text(bytes, NAME_BYTES), lines: view(bytes).getUint32(2 * NAME_BYTES, true) };
}

/** The argument that asks about the line at `offset`. */
export function lineInfoArgument(offset: number): Uint8Array {
  const bytes = new Uint8Array(LINE_INFO_BYTES);
  view(bytes).setUint32(LINE_INFO.offset, offset, true);
  return bytes;
}

export function readLineInfo(bytes: Uint8Array): LineInfo {
  const used = (view(bytes).getUint32(LINE_INFO.flags, true) & FLAG_USED) !== 0;
  return { name: text(bytes, 0), consumer: text(bytes, LINE_INFO.consumer), used };
}

function view(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** Any program may name itself as it likes as a line's consumer, and the name gets into reports. */
function text(bytes: Uint8Array, at: number): string {
  const field = bytes.subarray(at, at + NAME_BYTES);
  const end = field.indexOf(0);
  return new TextDecoder().decode(end < 0 ? field : field.subarray(0, end)).replace(/\p{Cc}/gu, '?');
}
