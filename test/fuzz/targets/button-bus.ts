import { KeptAesCcm } from '../../../gateway/inputs/button-bus/kept-aes-ccm.ts';
import { cobsDecode, cobsEncode } from '../../../protocol/button-bus/cobs.ts';
import { type FrameFault, openFrame, parseFrame, sealFrame } from '../../../protocol/button-bus/frame.ts';
import { FrameScanner } from '../../../protocol/button-bus/frame-scanner.ts';
import { decodePayload, encodePayload, typeOf } from '../../../protocol/button-bus/message.ts';
import { crc16Genibus } from '../../../protocol/crc16.ts';
import { promise, same, sameBytes, sameInAnyPieces } from '../promises.ts';
import type { FuzzTarget } from '../target.ts';

const ccm = new KeptAesCcm();
const KEY = Uint8Array.from({ length: 16 }, (_, at) => at);
const HEADER = { address: 7, epoch: 3, counter: 9 };
const HELLO = { type: 'hello', serial: '0011223344556677', model: 1, firmware: '1.0', buttons: 2, points: 1 } as const;
const BEAT = { lowBattery: true, tamper: false, silentMode: true, uptimeSeconds: 70_000, points: [true, false] };

const messages = [
  { type: 'press', button: 1, pattern: 'long' },
  { type: 'release', button: 0, heldMs: 1230 },
  { type: 'point', point: 2, active: true },
  { type: 'heartbeat', batteryMv: 2900, ...BEAT },
  HELLO,
  { type: 'ack', nodeEpoch: 4, counter: 5, status: 'accepted' },
  { type: 'poll', nodeEpoch: 0xffff_ffff },
  { type: 'silent', nodeEpoch: 1, silent: true },
] as const;

/** The bytes of a line: noise and frames. */
const stream: FuzzTarget = {
  name: 'button-bus-stream',
  seeds: messages.map((message) => sealFrame(ccm, KEY, HEADER, message)),
  words: ['\0', '\0\0', 'a'.repeat(62), 'b'.repeat(63)],
  slowMs: 50,
  run: (input) => {
    const bodies = sameInAnyPieces(input, () => {
      const scanner = new FrameScanner();
      const bodies: Uint8Array[] = [];
      let overlong = 0;
      return {
        push: (chunk) =>
          scanner.push(
            chunk,
            (body) => bodies.push(body.slice()),
            () => {
              overlong += 1;
            },
          ),
        result: () => ({ bodies, overlong }),
      };
    }).bodies;
    for (const body of bodies) readBody(body);
  },
  stream: () => {
    const scanner = new FrameScanner();
    return (chunk) => {
      scanner.push(
        chunk,
        () => undefined,
        () => undefined,
      );
    };
  },
};

function readBody(body: Uint8Array): FrameFault | undefined {
  promise(body.length > 0 && body.length <= 62 && !body.includes(0), 'a body has 1…62 bytes and no delimiter');
  const parsed = parseFrame(body);
  if (!parsed.ok) return parsed.fault;
  const { header } = parsed.frame;
  const message = openFrame(ccm, KEY, parsed.frame);
  if (message === undefined) return undefined;
  // Only fields of a later version may follow, which are not written again.
  const again = sealFrame(ccm, KEY, header, message);
  if (again.length === body.length + 2) sameBytes(again.subarray(1, -1), body, 'the frame as it is written again');
  return undefined;
}

/** A frame whose CRC is right, whatever it says. */
const frame: FuzzTarget = {
  name: 'button-bus-frame',
  seeds: messages.map(
    (message) => cobsDecode(sealFrame(ccm, KEY, HEADER, message).subarray(1, -1))?.subarray(0, -2) ?? new Uint8Array(),
  ),
  lengthMax: 80,
  run: (input) => {
    const raw = new Uint8Array(input.length + 2);
    raw.set(input);
    const crc = crc16Genibus(raw, 0, input.length);
    raw[input.length] = crc >>> 8;
    raw[input.length + 1] = crc & 0xff;
    const fault = parseFrame(cobsEncode(raw));
    promise(fault.ok || (fault.fault !== 'crc' && fault.fault !== 'cobs'), 'a right CRC is accepted');
    if (fault.ok) openFrame(ccm, KEY, fault.frame);
  },
};

/** What a node with the key says: the type, then its payload. */
const payload: FuzzTarget = {
  name: 'button-bus-payload',
  seeds: messages.map((message, at) => Uint8Array.of(at < 5 ? at + 1 : 0x7c + at, ...encodePayload(message))),
  lengthMax: 64,
  run: ([code = 0, ...bytes]) => {
    const type = typeOf(code);
    if (type === undefined) return;
    const message = decodePayload(type, Uint8Array.from(bytes));
    if (message === undefined) return;
    const written = encodePayload(message);
    promise(written.length <= bytes.length, 'no more is written than was read');
    same(decodePayload(type, written), message, 'the message as it is read again');
  },
};

const cobs: FuzzTarget = {
  name: 'cobs',
  seeds: [Uint8Array.of(1), Uint8Array.of(3, 1, 2, 1), new Uint8Array(255).fill(255)],
  words: ['a'.repeat(253), 'a'.repeat(254), '\0'],
  run: (input) => {
    const encoded = cobsEncode(input);
    promise(!encoded.includes(0), 'no delimiter is in what is encoded');
    sameBytes(cobsDecode(encoded) ?? new Uint8Array(1), input, 'what was encoded is decoded');
    const decoded = cobsDecode(input);
    if (decoded !== undefined) promise(decoded.length < input.length, 'decoding makes it shorter');
  },
};

export const buttonBusTargets: readonly FuzzTarget[] = [stream, frame, payload, cobs];
