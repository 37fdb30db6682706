import type { PressPattern } from '../press-pattern.ts';
import { BTHOME, valueSize } from './bthome-objects.ts';

/** 16-bit service UUID of BTHome's service data. */
export const BTHOME_UUID = 0xfcd2;

const ENCRYPTED = 0x01;
const ADDRESS_INCLUDED = 0x02;
const TRIGGER_BASED = 0x04;
/** Version 2 in bits 5…7. */
const VERSION_2 = 0x40;
const VERSION_MASK = 0xe0;
const ADDRESS_BYTES = 6;

/** First byte of the service data. */
interface BthomeInfo {
  readonly encrypted: boolean;
  /** Silent between events: its silence says nothing. */
  readonly triggerBased: boolean;
}

export interface BthomeFrame extends BthomeInfo {
  /** The byte itself: part of the nonce. */
  readonly info: number;
  /** 6 bytes, most significant first, if the device puts its address into the data. */
  readonly address?: Uint8Array;
  /** Objects, or what encrypts them. */
  readonly body: Uint8Array;
}

/** What one advertisement says. Absent or empty: not said. */
export interface BthomeMessage {
  /** 0…255, wraps; the same on each repeat. */
  readonly packetId?: number;
  /** 0…100. */
  readonly batteryPercent?: number;
  readonly voltageMv?: number;
  readonly batteryLow?: boolean;
  /** By button, 0 = first; `undefined`: this one was not pressed. */
  readonly buttons: readonly (PressPattern | undefined)[];
  /** Openings, doors, windows, garage doors in their order; true = open. */
  readonly openings: readonly boolean[];
  /** True = unlocked. */
  readonly locks: readonly boolean[];
  readonly tampers: readonly boolean[];
  /** False: an unknown object or a cut value ended the reading early. */
  readonly complete: boolean;
}

const PATTERNS: ReadonlyMap<number, PressPattern> = new Map([
  [0x01, 'single'],
  [0x02, 'double'],
  [0x03, 'triple'],
  [0x04, 'long'],
  [0x05, 'longDouble'],
  [0x06, 'longTriple'],
  [0x80, 'hold'],
  // Shelly firmware before 1.0.20.
  [0xfe, 'hold'],
]);

const EVENTS: Record<PressPattern, number> = {
  single: 0x01,
  double: 0x02,
  triple: 0x03,
  long: 0x04,
  longDouble: 0x05,
  longTriple: 0x06,
  hold: 0x80,
};

/** `undefined`: not BTHome v2. */
export function parseBthomeFrame(data: Uint8Array): BthomeFrame | undefined {
  const info = data[0];
  if (info === undefined || (info & VERSION_MASK) !== VERSION_2) return undefined;
  const flags = { info, encrypted: (info & ENCRYPTED) !== 0, triggerBased: (info & TRIGGER_BASED) !== 0 };
  if ((info & ADDRESS_INCLUDED) === 0) return { ...flags, body: data.subarray(1) };
  if (data.length < 1 + ADDRESS_BYTES) return undefined;
  const address = data.slice(1, 1 + ADDRESS_BYTES).reverse();
  return { ...flags, address, body: data.subarray(1 + ADDRESS_BYTES) };
}

export function composeInfo(info: BthomeInfo): number {
  return VERSION_2 | (info.encrypted ? ENCRYPTED : 0) | (info.triggerBased ? TRIGGER_BASED : 0);
}

/** Service data (behind the UUID) in the clear. */
export function composePlain(triggerBased: boolean, objects: Uint8Array): Uint8Array {
  const data = new Uint8Array(1 + objects.length);
  data[0] = composeInfo({ encrypted: false, triggerBased });
  data.set(objects, 1);
  return data;
}

/** Never throws: reads up to what it can't. */
export function parseObjects(payload: Uint8Array): BthomeMessage {
  const message: { -readonly [K in keyof BthomeMessage]: BthomeMessage[K] } & Lists = {
    buttons: [],
    openings: [],
    locks: [],
    tampers: [],
    complete: true,
  };
  let at = 0;
  while (at < payload.length) {
    const id = payload[at] ?? 0;
    const size = valueSize(id, payload, at + 1);
    if (size === undefined || at + 1 + size > payload.length) {
      message.complete = false;
      break;
    }
    read(message, id, payload[at + 1] ?? 0, payload[at + 2] ?? 0);
    at += 1 + size;
  }
  return message;
}

interface Lists {
  readonly buttons: (PressPattern | undefined)[];
  readonly openings: boolean[];
  readonly locks: boolean[];
  readonly tampers: boolean[];
}

function read(
  message: { -readonly [K in keyof BthomeMessage]: BthomeMessage[K] } & Lists,
  id: number,
  low: number,
  high: number,
): void {
  const on = low !== 0;
  switch (id) {
    case BTHOME.packetId:
      message.packetId = low;
      break;
    case BTHOME.battery:
      message.batteryPercent = Math.min(low, 100);
      break;
    case BTHOME.voltage:
      message.voltageMv = low | (high << 8);
      break;
    case BTHOME.batteryLow:
      message.batteryLow = on;
      break;
    case BTHOME.opening:
    case BTHOME.door:
    case BTHOME.garageDoor:
    case BTHOME.window:
      message.openings.push(on);
      break;
    case BTHOME.lock:
      message.locks.push(on);
      break;
    case BTHOME.tamper:
      message.tampers.push(on);
      break;
    case BTHOME.button:
      message.buttons.push(patternOf(low));
      break;
  }
}

/** A value that no list names is a use of the button all the same: an alert too many before one too few. */
function patternOf(event: number): PressPattern | undefined {
  return event === 0 ? undefined : (PATTERNS.get(event) ?? 'single');
}

/** Objects as the wire has them, ids ascending. */
export function composeObjects(message: Partial<Omit<BthomeMessage, 'complete'>>): Uint8Array {
  const bytes: number[] = [];
  const one = (id: number, value: number | undefined) => {
    if (value !== undefined) bytes.push(id, value & 0xff);
  };
  one(BTHOME.packetId, message.packetId);
  one(BTHOME.battery, message.batteryPercent);
  if (message.voltageMv !== undefined) {
    bytes.push(BTHOME.voltage, message.voltageMv & 0xff, (message.voltageMv >> 8) & 0xff);
  }
  if (message.batteryLow !== undefined) one(BTHOME.batteryLow, Number(message.batteryLow));
  for (const open of message.openings ?? []) one(BTHOME.door, Number(open));
  for (const unlocked of message.locks ?? []) one(BTHOME.lock, Number(unlocked));
  for (const open of message.tampers ?? []) one(BTHOME.tamper, Number(open));
  for (const pattern of message.buttons ?? []) one(BTHOME.button, pattern === undefined ? 0 : EVENTS[pattern]);
  return Uint8Array.from(bytes);
}
