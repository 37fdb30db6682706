import { crc16Modbus } from '../../../protocol/crc16.ts';
import { REQUEST_BYTES } from '../modbus-input-map.ts';

/** A driver that switches on or off may make a byte or two. */
export const GLITCH_BYTES = 2;
/** Address, function, exception code, CRC. What is shorter is no answer, not even a damaged one. */
export const ANSWER_BYTES_MIN = 5;
/** Longest echo of a request, however garbled, with what the driver makes before and after it. */
export const ECHO_BYTES_MAX = REQUEST_BYTES + 2 * GLITCH_BYTES;

/** What an echo that does not look like the request is known by. */
interface EchoHints {
  /** Bytes heard before the request had left: no module can have sent them. */
  readonly earlyBytes: number;
  /** The adapter has echoed some of the last ten requests. */
  readonly usual: boolean;
  /** Bytes of data in the answer. */
  readonly dataBytes: number;
}

/**
 * How many of the first bytes heard after a request are its echo. A two-wire adapter whose receiver
 * stays on hears its own sending: as a whole, without its beginning or end if the receiver is
 * switched, or garbled on a bad line. None of that comes from a module, and none is damage.
 *
 * @param heard what was heard before the answer, or at all if there was none
 */
export function echoBytes(heard: Uint8Array, request: Uint8Array, hints: EchoHints | undefined): number {
  const whole = wholeEchoEnd(heard, request);
  if (whole > 0) return whole;
  // A whole frame is somebody's answer.
  if (isFrame(heard)) return 0;
  const tail = tailEnd(heard, request);
  if (tail > 0) return tail;
  if (hints === undefined) return 0;
  const isEarly = hints.earlyBytes > GLITCH_BYTES;
  const isEcho = isEarly || hints.usual || beginsAsRequest(heard, request, hints.dataBytes);
  return isEcho ? Math.min(heard.length, ECHO_BYTES_MAX) : 0;
}

export function isFrame(bytes: Uint8Array): boolean {
  return bytes.length >= ANSWER_BYTES_MIN && crc16Modbus(bytes) === 0;
}

function wholeEchoEnd(heard: Uint8Array, request: Uint8Array): number {
  for (let from = 0; from <= GLITCH_BYTES && from + request.length <= heard.length; from++) {
    if (request.every((byte, at) => heard[from + at] === byte)) return from + request.length;
  }
  return 0;
}

/** End of the request's last bytes, its CRC and more, near the beginning of what was heard. */
function tailEnd(heard: Uint8Array, request: Uint8Array): number {
  for (let end = Math.min(heard.length, ECHO_BYTES_MAX); end > GLITCH_BYTES; end--) {
    if ([1, 2, 3].every((back) => heard[end - back] === request[request.length - back])) return end;
  }
  return 0;
}

/** The first two bytes of an answer are those of the request, and by chance the third may be. */
function beginsAsRequest(heard: Uint8Array, request: Uint8Array, dataBytes: number): boolean {
  const needed = request[2] === dataBytes ? 4 : 3;
  for (let from = 0; from <= GLITCH_BYTES && from + needed <= heard.length; from++) {
    if (request.subarray(0, needed).every((byte, at) => heard[from + at] === byte)) return true;
  }
  return false;
}
