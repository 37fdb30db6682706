import { bytesToHex, hexToBytes } from '../bytes.ts';

/** Messages from node to gateway. */
export type UpMessage =
  | { readonly type: 'press'; readonly button: number; readonly pattern: 'single' | 'long' }
  /** `heldMs` is sent in units of 10 ms, rounded down, at most 655 350. */
  | { readonly type: 'release'; readonly button: number; readonly heldMs: number }
  | { readonly type: 'point'; readonly point: number; readonly active: boolean }
  | {
      readonly type: 'heartbeat';
      /** 0…65 534 mV; absent without a battery. */
      readonly batteryMv?: number;
      /** 0…65 534 mV; absent if not measured. */
      readonly supplyMv?: number;
      readonly lowBattery: boolean;
      readonly tamper: boolean;
      readonly silentMode: boolean;
      /** 0…2^32−1. */
      readonly uptimeSeconds: number;
      /** At most 16. The index is the point's number; `true` is active. */
      readonly points: readonly boolean[];
    }
  | {
      readonly type: 'hello';
      /** 16 lower-case hex digits. */
      readonly serial: string;
      readonly model: number;
      /** `major.minor`, each 0…255. */
      readonly firmware: string;
      /** 0…16. */
      readonly buttons: number;
      /** 0…16. */
      readonly points: number;
    };

/**
 * Messages from gateway to node. `nodeEpoch` is the epoch of the node's current start. A node obeys
 * no other.
 */
export type DownMessage =
  | {
      readonly type: 'ack';
      readonly nodeEpoch: number;
      /** Counter of the acknowledged frame. */
      readonly counter: number;
      readonly status: 'heard' | 'sent' | 'accepted' | 'notConfirmed';
    }
  /** `nodeEpoch` may be `ANY_NODE_EPOCH`. */
  | { readonly type: 'poll'; readonly nodeEpoch: number }
  | { readonly type: 'silent'; readonly nodeEpoch: number; readonly silent: boolean };

export type Message = UpMessage | DownMessage;

/** Value for a poll: it matches every epoch of the node. */
export const ANY_NODE_EPOCH = 0xffff_ffff;

/** Numbers of buttons and points of one node. */
const BUTTONS_MAX = 16;
const POINTS_MAX = 16;

const U16_MAX = 0xffff;
const U32_MAX = 0xffff_ffff;
const MILLIVOLTS_ABSENT = 0xffff;
const LOW_BATTERY = 1;
const TAMPER = 2;
const SILENT_MODE = 4;

const CODES: Readonly<Record<Message['type'], number>> = {
  press: 0x01,
  release: 0x02,
  point: 0x03,
  heartbeat: 0x04,
  hello: 0x05,
  ack: 0x81,
  poll: 0x82,
  silent: 0x83,
};
const STATUSES = ['heard', 'sent', 'accepted', 'notConfirmed'] as const;

/**
 * Returns the message type of a header's type byte; `undefined` if this version has no such code.
 */
export function typeOf(code: number): Message['type'] | undefined {
  switch (code) {
    case 0x01:
      return 'press';
    case 0x02:
      return 'release';
    case 0x03:
      return 'point';
    case 0x04:
      return 'heartbeat';
    case 0x05:
      return 'hello';
    case 0x81:
      return 'ack';
    case 0x82:
      return 'poll';
    case 0x83:
      return 'silent';
    default:
      return undefined;
  }
}

/** Returns the header's type byte of a message type. */
export function codeOf(type: Message['type']): number {
  return CODES[type];
}

/**
 * Returns the payload's bytes. Measured values saturate.
 * @throws RangeError if a number, the serial or the firmware version does not fit its field.
 */
export function encodePayload(message: Message): Uint8Array {
  switch (message.type) {
    case 'press':
      return Uint8Array.of(field('button', message.button, BUTTONS_MAX - 1), message.pattern === 'long' ? 2 : 1);
    case 'release': {
      const held = saturated(message.heldMs / 10, U16_MAX);
      return Uint8Array.of(field('button', message.button, BUTTONS_MAX - 1), held & 0xff, held >>> 8);
    }
    case 'point':
      return Uint8Array.of(field('point', message.point, POINTS_MAX - 1), message.active ? 1 : 0);
    case 'heartbeat':
      return encodeHeartbeat(message);
    case 'hello':
      return encodeHello(message);
    case 'ack': {
      const payload = new Uint8Array(9);
      putU32(payload, 0, field('nodeEpoch', message.nodeEpoch, U32_MAX));
      putU32(payload, 4, field('counter', message.counter, U32_MAX));
      payload[8] = STATUSES.indexOf(message.status) + 1;
      return payload;
    }
    case 'poll': {
      const payload = new Uint8Array(4);
      putU32(payload, 0, field('nodeEpoch', message.nodeEpoch, U32_MAX));
      return payload;
    }
    case 'silent': {
      const payload = new Uint8Array(5);
      putU32(payload, 0, field('nodeEpoch', message.nodeEpoch, U32_MAX));
      payload[4] = message.silent ? 1 : 0;
      return payload;
    }
  }
}

/**
 * Returns the message of an authentic payload, `payload[start…]`. It is `undefined` if the payload
 * is shorter than its type's fields or a field is out of range. Bytes after the known fields are
 * ignored: a later minor version may append fields.
 */
export function decodePayload(type: Message['type'], payload: Uint8Array, start = 0): Message | undefined {
  const length = payload.length - start;
  switch (type) {
    case 'press':
      return length < 2 ? undefined : decodePress(u8(payload, start), u8(payload, start + 1));
    case 'release': {
      const button = u8(payload, start);
      if (length < 3 || button >= BUTTONS_MAX) return undefined;
      return { type, button, heldMs: u16(payload, start + 1) * 10 };
    }
    case 'point': {
      const point = u8(payload, start);
      const active = u8(payload, start + 1);
      return length < 2 || point >= POINTS_MAX || active > 1 ? undefined : { type, point, active: active === 1 };
    }
    case 'heartbeat':
      return length < 12 ? undefined : decodeHeartbeat(payload, start);
    case 'hello':
      return length < 14 ? undefined : decodeHello(payload, start);
    case 'ack': {
      const status = length < 9 ? undefined : STATUSES[u8(payload, start + 8) - 1];
      if (status === undefined) return undefined;
      return { type, nodeEpoch: u32(payload, start), counter: u32(payload, start + 4), status };
    }
    case 'poll':
      return length < 4 ? undefined : { type, nodeEpoch: u32(payload, start) };
    case 'silent': {
      const silent = u8(payload, start + 4);
      return length < 5 || silent > 1 ? undefined : { type, nodeEpoch: u32(payload, start), silent: silent === 1 };
    }
  }
}

/** Reads a little-endian u32 at `at`. Bytes beyond the end count as 0. */
export function u32(bytes: Uint8Array, at: number): number {
  return (u16(bytes, at) | (u16(bytes, at + 2) << 16)) >>> 0;
}

export function putU32(bytes: Uint8Array, at: number, value: number): void {
  putU16(bytes, at, value & 0xffff);
  putU16(bytes, at + 2, value >>> 16);
}

/**
 * Returns `value` if it is an integer 0…`max`.
 * @throws RangeError otherwise: the caller is wrong, not the wire.
 */
export function field(name: string, value: number, max: number): number {
  if (!Number.isInteger(value) || value < 0 || value > max) {
    throw new RangeError(`button bus: ${name} must be a whole number 0…${max}, not ${value}`);
  }
  return value;
}

function encodeHeartbeat(message: Extract<Message, { type: 'heartbeat' }>): Uint8Array {
  const payload = new Uint8Array(12);
  putU16(payload, 0, millivolts(message.batteryMv));
  putU16(payload, 2, millivolts(message.supplyMv));
  payload[4] =
    (message.lowBattery ? LOW_BATTERY : 0) | (message.tamper ? TAMPER : 0) | (message.silentMode ? SILENT_MODE : 0);
  putU32(payload, 5, saturated(message.uptimeSeconds, U32_MAX));
  payload[9] = field('number of points', message.points.length, POINTS_MAX);
  putU16(
    payload,
    10,
    message.points.reduce((set, active, point) => (active ? set | (1 << point) : set), 0),
  );
  return payload;
}

function encodeHello(message: Extract<Message, { type: 'hello' }>): Uint8Array {
  const serial = hexToBytes(message.serial);
  const version = /^(\d{1,3})\.(\d{1,3})$/.exec(message.firmware);
  if (serial?.length !== 8) throw new RangeError(`button bus: serial must be 16 hex digits, not "${message.serial}"`);
  if (version === null) throw new RangeError(`button bus: firmware must be "major.minor", not "${message.firmware}"`);
  const payload = new Uint8Array(14);
  payload.set(serial);
  putU16(payload, 8, field('model', message.model, U16_MAX));
  payload[10] = field('firmware major', Number(version[1]), 0xff);
  payload[11] = field('firmware minor', Number(version[2]), 0xff);
  payload[12] = field('buttons', message.buttons, BUTTONS_MAX);
  payload[13] = field('points', message.points, POINTS_MAX);
  return payload;
}

function decodePress(button: number, pattern: number): Message | undefined {
  if (button >= BUTTONS_MAX || pattern < 1 || pattern > 2) return undefined;
  return { type: 'press', button, pattern: pattern === 2 ? 'long' : 'single' };
}

function decodeHeartbeat(payload: Uint8Array, start: number): Message | undefined {
  const battery = u16(payload, start);
  const supply = u16(payload, start + 2);
  const flags = u8(payload, start + 4);
  const count = u8(payload, start + 9);
  const set = u16(payload, start + 10);
  if (count > POINTS_MAX) return undefined;
  const points: boolean[] = [];
  for (let point = 0; point < count; point++) points.push((set & (1 << point)) !== 0);
  return {
    type: 'heartbeat',
    ...(battery === MILLIVOLTS_ABSENT ? {} : { batteryMv: battery }),
    ...(supply === MILLIVOLTS_ABSENT ? {} : { supplyMv: supply }),
    lowBattery: (flags & LOW_BATTERY) !== 0,
    tamper: (flags & TAMPER) !== 0,
    silentMode: (flags & SILENT_MODE) !== 0,
    uptimeSeconds: u32(payload, start + 5),
    points,
  };
}

function decodeHello(payload: Uint8Array, start: number): Message | undefined {
  const buttons = u8(payload, start + 12);
  const points = u8(payload, start + 13);
  if (buttons > BUTTONS_MAX || points > POINTS_MAX) return undefined;
  return {
    type: 'hello',
    serial: bytesToHex(payload.subarray(start, start + 8)),
    model: u16(payload, start + 8),
    firmware: `${u8(payload, start + 10)}.${u8(payload, start + 11)}`,
    buttons,
    points,
  };
}

function millivolts(value: number | undefined): number {
  return value === undefined ? MILLIVOLTS_ABSENT : saturated(value, MILLIVOLTS_ABSENT - 1);
}

/**
 * Returns a measured value as an integer 0…`max`. A voltage or duration off the scale must not stop
 * its frame.
 */
function saturated(value: number, max: number): number {
  return value > 0 ? Math.min(Math.trunc(value), max) : 0;
}

function u8(bytes: Uint8Array, at: number): number {
  return bytes[at] ?? 0;
}

function u16(bytes: Uint8Array, at: number): number {
  return u8(bytes, at) | (u8(bytes, at + 1) << 8);
}

function putU16(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value & 0xff;
  bytes[at + 1] = value >>> 8;
}
