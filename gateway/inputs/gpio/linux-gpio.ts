import type { MonoMs } from '../../../protocol/clocks.ts';
import { NAME_BYTES, readWriteRequest } from '../gpio-line-info.ts';

/**
 * What takes lines and reads them: byte layouts and constants of Linux `include/uapi/linux/gpio.h`,
 * uAPI v2, under the header's names. Only what a gateway needs.
 */

/** `GPIO_V2_LINES_MAX`: most lines of one request. */
export const LINES_MAX = 64;
/**
 * Most events the kernel keeps for one request that asks for a buffer of its own size:
 * `GPIO_V2_LINES_MAX * 16`.
 */
const EVENT_BUFFER_MAX = LINES_MAX * 16;

/** `struct gpio_v2_line_request` */
export const LINE_REQUEST_BYTES = 592;
/** `struct gpio_v2_line_values` */
export const LINE_VALUES_BYTES = 16;
/** `struct gpio_v2_line_event` */
export const LINE_EVENT_BYTES = 48;

export const GPIO_V2_GET_LINE_IOCTL = readWriteRequest(0x07, LINE_REQUEST_BYTES);
export const GPIO_V2_LINE_GET_VALUES_IOCTL = readWriteRequest(0x0e, LINE_VALUES_BYTES);
export const GPIO_V2_LINE_SET_VALUES_IOCTL = readWriteRequest(0x0f, LINE_VALUES_BYTES);

/** `enum gpio_v2_line_flag`; all that are used lie in the lower half of the 64 bits. */
export const LINE_FLAG = {
  INPUT: 1 << 2,
  OUTPUT: 1 << 3,
  EDGE_RISING: 1 << 4,
  EDGE_FALLING: 1 << 5,
  BIAS_PULL_UP: 1 << 8,
  BIAS_PULL_DOWN: 1 << 9,
  BIAS_DISABLED: 1 << 10,
} as const;

const ATTR_ID_OUTPUT_VALUES = 2;
const EVENT_RISING_EDGE = 1;

/** Where the fields of `struct gpio_v2_line_request` are. */
const REQUEST = { consumer: 256, flags: 288, numAttrs: 296, attrs: 320, numLines: 560, bufferSize: 564, fd: 588 };
/** Within `struct gpio_v2_line_config_attribute`. */
const ATTR = { id: 0, values: 8, mask: 16 };
const EVENT = { nsLow: 0, nsHigh: 4, id: 8, offset: 12, seqno: 16, lineSeqno: 20 };

export type Level = 0 | 1;

/** @param levels of outputs, from the moment of the request on, in the order of `offsets` */
export function lineRequestArgument(
  offsets: readonly number[],
  consumer: string,
  flags: number,
  levels?: readonly Level[],
): Uint8Array {
  const bytes = new Uint8Array(LINE_REQUEST_BYTES);
  const fields = view(bytes);
  for (const [index, offset] of offsets.entries()) fields.setUint32(4 * index, offset, true);
  bytes.set(new TextEncoder().encode(consumer).subarray(0, NAME_BYTES - 1), REQUEST.consumer);
  fields.setUint32(REQUEST.flags, flags, true);
  fields.setUint32(REQUEST.numLines, offsets.length, true);
  if (levels === undefined) fields.setUint32(REQUEST.bufferSize, EVENT_BUFFER_MAX, true);
  else {
    fields.setUint32(REQUEST.numAttrs, 1, true);
    fields.setUint32(REQUEST.attrs + ATTR.id, ATTR_ID_OUTPUT_VALUES, true);
    for (const [index, level] of levels.entries()) {
      setBit(bytes, REQUEST.attrs + ATTR.mask, index);
      if (level === 1) setBit(bytes, REQUEST.attrs + ATTR.values, index);
    }
  }
  return bytes;
}

/** The descriptor that a request was answered with. */
export function readRequestFd(bytes: Uint8Array): number {
  return view(bytes).getInt32(REQUEST.fd, true);
}

/** `struct gpio_v2_line_values` of the lines of one request, by their index in it. */
export class LineValues {
  readonly bytes = new Uint8Array(LINE_VALUES_BYTES);

  /** Asks for the first `count` lines. */
  ask(count: number): void {
    this.bytes.fill(0);
    for (let index = 0; index < count; index++) setBit(this.bytes, 8, index);
  }

  setOnly(index: number, level: Level): void {
    this.bytes.fill(0);
    setBit(this.bytes, 8, index);
    if (level === 1) setBit(this.bytes, 0, index);
  }

  level(index: number): Level {
    return (((this.bytes[index >> 3] ?? 0) >> (index & 7)) & 1) === 1 ? 1 : 0;
  }
}

/**
 * Reads one `struct gpio_v2_line_event` after another out of a buffer, without making an object of
 * each.
 */
export class EventReader {
  readonly #fields: DataView;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#fields = view(bytes);
  }

  select(index: number): void {
    this.#at = index * LINE_EVENT_BYTES;
  }

  /** Kernel time of the edge, CLOCK_MONOTONIC, ms. */
  get timestampMs(): MonoMs {
    const ns = this.#fields.getUint32(this.#at + EVENT.nsHigh, true) * 2 ** 32;
    return ((ns + this.#fields.getUint32(this.#at + EVENT.nsLow, true)) / 1e6) as MonoMs;
  }

  get level(): Level {
    return this.#fields.getUint32(this.#at + EVENT.id, true) === EVENT_RISING_EDGE ? 1 : 0;
  }

  get offset(): number {
    return this.#fields.getUint32(this.#at + EVENT.offset, true);
  }

  /** Number of the event among all of its request, from 1, wraps from 2^32−1 to 0. */
  get seqno(): number {
    return this.#fields.getUint32(this.#at + EVENT.seqno, true);
  }

  /** Number of the event among those of its line. */
  get lineSeqno(): number {
    return this.#fields.getUint32(this.#at + EVENT.lineSeqno, true);
  }
}

function view(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** Bit `index` of the little-endian 64-bit field at `at`. */
function setBit(bytes: Uint8Array, at: number, index: number): void {
  const byte = at + (index >> 3);
  bytes[byte] = (bytes[byte] ?? 0) | (1 << (index & 7));
}
