import { writeFileSync } from 'node:fs';
import {
  type Bytes,
  type FrameParts,
  framed,
  hex,
  le,
  type ReferenceFrame,
  referenceFrame,
  wired,
} from './button-bus-reference.ts';
import { VECTOR_FILE } from './button-bus-vector-file.ts';

/**
 * Returns the text of hardware/button-bus-vectors.txt, made by the reference alone.
 * `npx tsx test/vectors/button-bus-vectors.ts --write` writes the file.
 */

type Fields = Readonly<Record<string, string | number>>;
type Wired = Pick<ReferenceFrame, 'raw' | 'body' | 'wire'>;

const KEY_A: Bytes = Array.from({ length: 16 }, (_, i) => 0xa0 + i);
const KEY_B: Bytes = Array.from({ length: 16 }, (_, i) => (0x5b * (i + 1)) & 0xff);
const SERIAL: Bytes = [0x00, 0x1a, 0x79, 0x00, 0x00, 0x00, 0x40, 0x02];
const ANY = 0xffff_ffff;

/** The press of the specification's worked example. */
export const EXAMPLE_KEY = KEY_A;
export const EXAMPLE: FrameParts = { address: 17, type: 0x01, epoch: 5, counter: 42, payload: [3, 1] };

const COMMENT = `# Button bus version 1: test vectors. Specification: hardware/button-bus.md.
#
# Lines end with LF. A line that starts with '#' or is empty means nothing. Every other line is two or three words, one space between:
#
#     fgets(line, 256, file); n = sscanf(line, "%31s %191s %31s", name, value, second);
#
# A record begins with "frame NAME" and ends with "end 0". Between them, in this order:
#
#     expect WORD     ok            the frame is good and opens to the message and fields below
#                     tooShort tooLong cobs crc version type address
#                                   the frame is refused without a key, for this fault
#                     notAuthentic  the frame has no such fault, but the tag does not fit the key
#                     malformed     the tag fits, but a field of the payload is missing or out of range
#     message WORD    name of the type, as in the specification, or '-'
#     field NAME V    (ok only) a field's value, decimal; serial in hex; firmware as major.minor; points as a string of 0 and 1, point 0
#                     first; "none" for an absent voltage; status and pattern as words; heldMs in ms
#     key HEX         16 bytes: the receiver's key for this node
#     address N       decimal, as in the header; so are epoch and counter
#     typeCode HEX    the header's type byte
#     epoch N
#     counter N
#     payload HEX     before encryption
#     nonce HEX       13 bytes
#     aad HEX         what CCM authenticates but does not encrypt
#     sealed HEX      encrypted payload, then the 8 tag bytes
#     raw HEX         the frame before COBS: aad, sealed, CRC
#     body HEX        raw after COBS
#     wire HEX        what is sent: 00, body, 00
#     end 0
#
# HEX is lower-case, two digits a byte; '-' is no bytes. Records which are refused without a key have only expect, message, body and wire
# (and raw, if the COBS is sound). In records of notAuthentic, payload is what was sealed before the frame was tampered with, and
# everything from aad on is as received.
# Some records share a counter with another payload, as the frames of a real node never may.
`;

export function vectorText(): string {
  return [COMMENT, ...goodFrames(), ...faultyFrames(), ...forgedFrames(), ...malformedFrames()].join('\n');
}

function goodFrames(): string[] {
  const heartbeat = [...le(2987, 2), ...le(0xffff, 2), 0b101, ...le(86_461, 4), 3, ...le(0b101, 2)];
  const mains = [...le(0xffff, 2), ...le(23_950, 2), 0b010, ...le(0xffff_ffff, 4), 16, ...le(0x8001, 2)];
  const hello = [...SERIAL, ...le(258, 2), 1, 12, 2, 3];
  return [
    good('press-single', 'press', EXAMPLE, { button: 3, pattern: 'single' }),
    good('press-long', 'press', up(0x01, [15, 2]), { button: 15, pattern: 'long' }),
    good('press-first-ever', 'press', { ...up(0x01, [0, 1]), epoch: 1, counter: 1 }, { button: 0, pattern: 'single' }),
    good('press-extended', 'press', up(0x01, [7, 1, 0xde, 0xad]), { button: 7, pattern: 'single' }),
    good('press-longest', 'press', up(0x01, [7, 2, ...new Array(38).fill(0xee)]), { button: 7, pattern: 'long' }),
    good('release', 'release', up(0x02, [3, ...le(123, 2)]), { button: 3, heldMs: 1230 }),
    good('release-saturated', 'release', up(0x02, [0, 0xff, 0xff]), { button: 0, heldMs: 655_350 }),
    good('point-active', 'point', up(0x03, [15, 1]), { point: 15, active: 1 }),
    good('point-normal', 'point', up(0x03, [0, 0]), { point: 0, active: 0 }),
    good('heartbeat-battery', 'heartbeat', up(0x04, heartbeat), {
      batteryMv: 2987,
      supplyMv: 'none',
      lowBattery: 1,
      tamper: 0,
      silentMode: 1,
      uptimeSeconds: 86_461,
      points: '101',
    }),
    good(
      'heartbeat-mains',
      'heartbeat',
      { ...up(0x04, mains), address: 254, epoch: 0x0100_00ff, counter: ANY },
      {
        batteryMv: 'none',
        supplyMv: 23_950,
        lowBattery: 0,
        tamper: 1,
        silentMode: 0,
        uptimeSeconds: ANY,
        points: '1000000000000001',
      },
    ),
    good('heartbeat-no-points', 'heartbeat', up(0x04, [...le(3300, 2), ...le(5010, 2), 0xf8, ...le(0, 4), 0, 0, 0]), {
      batteryMv: 3300,
      supplyMv: 5010,
      lowBattery: 0,
      tamper: 0,
      silentMode: 0,
      uptimeSeconds: 0,
      points: '-',
    }),
    good('hello', 'hello', up(0x05, hello), {
      serial: hex(SERIAL),
      model: 258,
      firmware: '1.12',
      buttons: 2,
      points: 3,
    }),
    ...(['heard', 'sent', 'accepted', 'notConfirmed'] as const).map((status, i) =>
      good(`ack-${status}`, 'ack', down(0x81, [...le(5, 4), ...le(42, 4), i + 1]), {
        nodeEpoch: 5,
        counter: 42,
        status,
      }),
    ),
    good('poll', 'poll', down(0x82, le(5, 4)), { nodeEpoch: 5 }),
    good('poll-any-epoch', 'poll', down(0x82, le(ANY, 4)), { nodeEpoch: ANY }),
    good('silent-on', 'silent', down(0x83, [...le(5, 4), 1]), { nodeEpoch: 5, silent: 1 }),
    good('silent-off', 'silent', down(0x83, [...le(5, 4), 0]), { nodeEpoch: 5, silent: 0 }),
  ];
}

/**
 * Frames that are refused before any key is tried. Where possible everything except the one fault
 * is right, including the tag.
 */
function faultyFrames(): string[] {
  const press = referenceFrame(KEY_A, EXAMPLE);
  const { raw, body } = press;
  const crcAt = raw.length - 2;
  const shortest = [...press.header, ...press.sealed.slice(-8)];
  return [
    faulty('crc-low-byte', 'crc', wired(flip(raw, crcAt + 1, 0x01))),
    faulty('crc-low-byte-first', 'crc', wired([...raw.slice(0, crcAt), raw[crcAt + 1] ?? 0, raw[crcAt] ?? 0])),
    faulty('crc-not-inverted', 'crc', wired(flip(flip(raw, crcAt, 0xff), crcAt + 1, 0xff))),
    faulty('crc-opening-delimiter-01', 'crc', wired([0, ...raw])),
    faulty('crc-closing-delimiter-01', 'crc', wired([...raw, 0])),
    faulty('crc-header-bit', 'crc', wired(flip(raw, 1, 0x10))),
    faulty('crc-cut-in-the-middle', 'crc', wired(raw.slice(0, crcAt - 1).concat(raw.slice(crcAt, crcAt + 1)))),
    faulty('short-one-byte', 'tooShort', wired([])),
    faulty('short-header-only', 'tooShort', framed(press.header)),
    faulty('short-by-one', 'tooShort', framed(shortest.slice(1))),
    faulty('long-by-one', 'tooLong', referenceFrame(KEY_A, up(0x01, [3, 1, ...new Array(39).fill(0)]))),
    faulty('cobs-block-over-the-end', 'cobs', { body: [0x7f, ...body.slice(1)] }),
    faulty('cobs-last-block-cut', 'cobs', { body: body.slice(0, -1) }),
    faulty('version-0', 'version', referenceFrame(KEY_A, { ...EXAMPLE, version: 0 })),
    faulty('version-2', 'version', referenceFrame(KEY_A, { ...EXAMPLE, version: 2 })),
    ...[0x00, 0x06, 0x7f, 0x80, 0x84, 0xff].map((type) =>
      faulty(`type-${hex([type])}`, 'type', referenceFrame(KEY_A, { ...EXAMPLE, type })),
    ),
    faulty('address-0', 'address', referenceFrame(KEY_A, { ...EXAMPLE, address: 0 })),
    faulty('address-broadcast', 'address', referenceFrame(KEY_A, { ...down(0x82, le(ANY, 4)), address: 255 })),
  ];
}

/** Frames that an attacker without the key changed, with a corrected CRC. */
function forgedFrames(): string[] {
  const press = referenceFrame(KEY_A, EXAMPLE);
  const hello = up(0x05, [...SERIAL, 2, 1, 1, 12, 2, 3]);
  const tamper = (name: string, at: number, mask: number) =>
    forged(name, EXAMPLE, [...flip([...press.aad, ...press.sealed], at, mask)]);
  return [
    forged('wrong-key', EXAMPLE, [...press.aad, ...press.sealed], KEY_B),
    tamper('address-changed', 1, 0x01),
    tamper('type-changed-to-release', 2, 0x03),
    tamper('direction-reversed', 2, 0x80),
    tamper('epoch-raised', 3, 0x02),
    tamper('counter-raised', 7, 0x01),
    tamper('payload-bit', 11, 0x01),
    tamper('tag-first-bit', 13, 0x80),
    tamper('tag-last-bit', 20, 0x01),
    forged('payload-cut', EXAMPLE, [...press.aad, ...press.sealed.slice(1)]),
    forged('payload-lengthened', EXAMPLE, [...press.aad, 0, ...press.sealed]),
    forged('tag-zero', EXAMPLE, [...press.aad, ...press.ccm.ciphertext, ...new Array(8).fill(0)]),
    forged('hello-serial-changed', hello, flip(hellos(hello), 11, 0x01)),
    forged('hello-shortest', { ...hello, payload: [] }, flip(hellos({ ...hello, payload: [] }), 18, 0x01)),
  ];
}

/** Frames that a faulty node sealed with the right key. */
function malformedFrames(): string[] {
  const heartbeat = (count: number) => [...le(3000, 2), ...le(0xffff, 2), 0, ...le(60, 4), count, 0, 0];
  return [
    malformed('press-no-payload', 'press', up(0x01, [])),
    malformed('press-short', 'press', up(0x01, [3])),
    malformed('press-button-16', 'press', up(0x01, [16, 1])),
    malformed('press-pattern-0', 'press', up(0x01, [3, 0])),
    malformed('press-pattern-3', 'press', up(0x01, [3, 3])),
    malformed('release-short', 'release', up(0x02, [3, 1])),
    malformed('release-button-255', 'release', up(0x02, [255, 1, 0])),
    malformed('point-16', 'point', up(0x03, [16, 0])),
    malformed('point-neither', 'point', up(0x03, [0, 2])),
    malformed('heartbeat-short', 'heartbeat', up(0x04, heartbeat(3).slice(0, -1))),
    malformed('heartbeat-17-points', 'heartbeat', up(0x04, heartbeat(17))),
    malformed('hello-short', 'hello', up(0x05, [...SERIAL, 2, 1, 1, 12, 2])),
    malformed('hello-17-buttons', 'hello', up(0x05, [...SERIAL, 2, 1, 1, 12, 17, 3])),
    malformed('hello-17-points', 'hello', up(0x05, [...SERIAL, 2, 1, 1, 12, 2, 17])),
    malformed('ack-short', 'ack', down(0x81, [...le(5, 4), ...le(42, 4)])),
    malformed('ack-status-0', 'ack', down(0x81, [...le(5, 4), ...le(42, 4), 0])),
    malformed('ack-status-5', 'ack', down(0x81, [...le(5, 4), ...le(42, 4), 5])),
    malformed('poll-short', 'poll', down(0x82, [5, 0, 0])),
    malformed('silent-2', 'silent', down(0x83, [...le(5, 4), 2])),
  ];
}

function up(type: number, payload: Bytes): FrameParts {
  return { address: 17, type, epoch: 5, counter: 43, payload };
}

function down(type: number, payload: Bytes): FrameParts {
  return { address: 17, type, epoch: 1_767_225_600, counter: 9, payload };
}

function hellos(parts: FrameParts): Bytes {
  const { aad, sealed } = referenceFrame(KEY_A, parts);
  return [...aad, ...sealed];
}

function flip(bytes: Bytes, at: number, mask: number): Bytes {
  return bytes.map((byte, i) => (i === at ? byte ^ mask : byte));
}

function good(name: string, message: string, parts: FrameParts, fields: Fields): string {
  return sealedRecord(name, 'ok', message, KEY_A, parts, referenceFrame(KEY_A, parts), fields);
}

function malformed(name: string, message: string, parts: FrameParts): string {
  return sealedRecord(`malformed-${name}`, 'malformed', message, KEY_A, parts, referenceFrame(KEY_A, parts));
}

function forged(name: string, parts: FrameParts, content: Bytes, key: Bytes = KEY_A): string {
  const [, address = 0, type = 0] = content;
  const [epoch, counter] = [3, 7].map((at) =>
    content.slice(at, at + 4).reduce((sum, byte, i) => sum + byte * 256 ** i, 0),
  );
  const aad = type === 0x05 ? content.slice(0, -8) : content.slice(0, 11);
  const received: FrameParts = { address, type, epoch: epoch ?? 0, counter: counter ?? 0, payload: parts.payload };
  const parsed = { aad, nonce: [...content.slice(0, 11), 0, 0], sealed: content.slice(aad.length), ...framed(content) };
  return sealedRecord(`forged-${name}`, 'notAuthentic', '-', key, received, parsed);
}

function faulty(name: string, expect: string, frame: Partial<Wired> & Pick<Wired, 'body'>): string {
  return record(name, [
    ['expect', expect],
    ['message', '-'],
    ...(frame.raw === undefined ? [] : [['raw', hexOrNone(frame.raw)] as const]),
    ['body', hex(frame.body)],
    ['wire', hex([0, ...frame.body, 0])],
  ]);
}

function sealedRecord(
  name: string,
  expect: string,
  message: string,
  key: Bytes,
  parts: FrameParts,
  frame: Pick<ReferenceFrame, 'nonce' | 'aad' | 'sealed' | 'raw' | 'body' | 'wire'>,
  fields: Fields = {},
): string {
  return record(name, [
    ['expect', expect],
    ['message', message],
    ...Object.entries(fields).map(([field, value]) => ['field', `${field} ${value}`] as const),
    ['key', hex(key)],
    ['address', `${parts.address}`],
    ['typeCode', hex([parts.type])],
    ['epoch', `${parts.epoch}`],
    ['counter', `${parts.counter}`],
    ['payload', hexOrNone(parts.payload)],
    ['nonce', hex(frame.nonce)],
    ['aad', hex(frame.aad)],
    ['sealed', hex(frame.sealed)],
    ['raw', hex(frame.raw)],
    ['body', hex(frame.body)],
    ['wire', hex(frame.wire)],
  ]);
}

function record(name: string, lines: readonly (readonly [string, string])[]): string {
  return `${[['frame', name] as const, ...lines, ['end', '0'] as const].map((line) => line.join(' ')).join('\n')}\n`;
}

function hexOrNone(bytes: Bytes): string {
  return bytes.length === 0 ? '-' : hex(bytes);
}

if (process.argv.includes('--write')) writeFileSync(VECTOR_FILE, vectorText(), 'latin1');
