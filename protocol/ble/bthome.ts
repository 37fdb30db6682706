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
  /** True if the device is silent between events. Its silence then proves nothing. */
  readonly triggerBased: boolean;
}

export interface BthomeFrame extends BthomeInfo {
  /** The byte itself, which is part of the nonce. */
  readonly info: number;
  /** 6 bytes, most significant first, if the device includes its address in the data. */
  readonly address?: Uint8Array;
  /** The objects, or their encrypted form. */
  readonly body: Uint8Array;
}

/**
 * The content of one advertisement. A field is absent or empty if the advertisement does not have
 * it.
 */
export interface BthomeMessage {
  /** Number 0…255, which wraps. It stays the same on each repeat. */
  readonly packetId?: number;
  /** Charge 0…100 %. */
  readonly batteryPercent?: number;
  readonly voltageMv?: number;
  readonly batteryLow?: boolean;
  /** Presses by button, 0 = first; `undefined` if that button was not pressed. */
  readonly buttons: readonly (PressPattern | undefined)[];
  /** States of openings, doors, windows and garage doors in order; true = open. */
  readonly openings: readonly boolean[];
  /** State of the lock; true = unlocked. */
  readonly locks: readonly boolean[];
  readonly tampers: readonly boolean[];
  /** False if an unknown object or a cut value ended the reading early. */
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
  // Shelly firmware before 1.0.20 sends this.
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

/** Returns `undefined` if the data is not BTHome v2. */
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

/** Returns unencrypted service data (after the UUID). */
export function composePlain(triggerBased: boolean, objects: Uint8Array): Uint8Array {
  const data = new Uint8Array(1 + objects.length);
  data[0] = composeInfo({ encrypted: false, triggerBased });
  data.set(objects, 1);
  return data;
}

/** Reads up to the first object that it cannot read. Never throws. */
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

/**
 * An unlisted value still means that the button was used: one alert too many is better than one too
 * few.
 */
function patternOf(event: number): PressPattern | undefined {
  return event === 0 ? undefined : (PATTERNS.get(event) ?? 'single');
}

/** Returns the objects as the wire has them, in ascending order of ids. */
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
