import type { MonoMs } from '../../../protocol/clocks.ts';

/**
 * What the gateway and the process that listens to one radio say to each other: a JSON text on each
 * line. The process reads what strangers send by radio, so everything it reports is checked; it
 * never gets a key. The process may use radios, so it checks what it is asked.
 */
export type ToScanner =
  /** First of all: begin to listen. */
  | { readonly type: 'listen'; readonly radio: ScannedRadio; readonly watch: Watch }
  | { readonly type: 'ping' }
  /** Stop and start the scan. */
  | { readonly type: 'rescan' }
  /** HCI reset, and scan again. */
  | { readonly type: 'reset' }
  /** Who was heard besides the watched. */
  | { readonly type: 'strangers' };

export type ScannedRadio =
  /** A radio of the kernel's: 1 of hci1. */
  | { readonly type: 'kernel'; readonly number: number }
  /** Capitals. Its number is looked up. */
  | { readonly type: 'address'; readonly address: string }
  /** A controller that speaks HCI (H4) on a serial port. */
  | { readonly type: 'serial'; readonly path: string; readonly baudRate: number };

/** What is worth passing on. All in small letters. */
export interface Watch {
  /** Every advertisement of these counts. `54:48:e6:8f:80:a5` */
  readonly addresses: readonly string[];
  /** 32 hex digits each. */
  readonly iBeacons: readonly string[];
  /** Eddystone namespaces, 20 hex digits each. */
  readonly eddystones: readonly string[];
}

/** Descriptor of the process's end, as systemd hands over a connection (sd_listen_fds(3)). */
export const CHANNEL_DESCRIPTOR = 3;
/** Of a line in bytes: 10,000 watched devices need half of it. */
export const TO_SCANNER_LENGTH_MAX = 1024 * 1024;
/** All strangers, each with two messages of the greatest length, need 230 kB. */
export const FROM_SCANNER_LENGTH_MAX = 256 * 1024;

export type FromScanner =
  | { readonly type: 'heard'; readonly heard: readonly HeardEntry[] }
  | { readonly type: 'state'; readonly state: ScannerState; readonly detail: string }
  /** The radio with the address asked for is this one now, `hci1`; it is opened next. */
  | { readonly type: 'found'; readonly radio: string }
  /** Answers a ping. Counts are since the process began. */
  | {
      readonly type: 'status';
      readonly residentBytes: number;
      readonly advertisements: number;
      readonly dropped: number;
    }
  /** Answers `strangers`. `leftOut`: how many had to make room for others. */
  | { readonly type: 'strangers'; readonly strangers: readonly unknown[]; readonly leftOut: number };

/**
 * `poweredOff`, `unauthorized`, `unsupported`: as noble says them. `failed`: noble could not be
 * loaded or started, or the radios not listed. Of a radio named by its address: `absent`: none has
 * it, the detail lists those there are; `ambiguous`: those of the detail have it; with either the
 * search goes on, and tells again within seconds. `noBluetooth`: the process gets no Bluetooth
 * socket.
 */
export type ScannerState =
  | 'listening'
  | 'poweredOff'
  | 'unauthorized'
  | 'unsupported'
  | 'failed'
  | 'absent'
  | 'ambiguous'
  | 'noBluetooth';

/** `presence`: of a watched address, and nothing the driver reads. */
export type HeardKind = 'bthome' | 'eddystone' | 'iBeacon' | 'presence';

/**
 * Compact, as there are many. `capturedMs`: CLOCK_MONOTONIC, which is the same in both processes.
 * `hex`: service or manufacturer data.
 */
export type HeardEntry = readonly [capturedMs: MonoMs, address: string, rssiDbm: number, kind: HeardKind, hex: string];

export interface Heard {
  readonly capturedMs: MonoMs;
  /** Capitals. */
  readonly address: string;
  readonly rssiDbm: number;
  readonly kind: HeardKind;
  /** Small letters. */
  readonly hex: string;
}

export type StrangerKind = 'bthome' | 'iBeacon' | 'eddystone';

/** A device that is not watched, as it was heard. */
export interface HeardStranger {
  readonly kind: StrangerKind;
  /** That it had last; capitals. */
  readonly address: string;
  /** Of its last message; small letters. */
  readonly hex: string;
  readonly rssiDbm: number;
  readonly messages: number;
  readonly firstMs: MonoMs;
  readonly lastMs: MonoMs;
  /** When it last sent a press, an event, or began to advertise, and the message that did it. */
  readonly movedMs?: MonoMs;
  readonly movedHex?: string;
}

interface Claimed {
  readonly watch?: unknown;
  readonly number?: unknown;
  readonly address?: unknown;
  readonly path?: unknown;
  readonly baudRate?: unknown;
  readonly addresses?: unknown;
  readonly iBeacons?: unknown;
  readonly eddystones?: unknown;
  readonly strangers?: unknown;
  readonly leftOut?: unknown;
  readonly heard?: unknown;
  readonly state?: unknown;
  readonly detail?: unknown;
  readonly radio?: unknown;
  readonly residentBytes?: unknown;
  readonly advertisements?: unknown;
  readonly dropped?: unknown;
}

const STATES: readonly ScannerState[] = [
  'listening',
  'poweredOff',
  'unauthorized',
  'unsupported',
  'failed',
  'absent',
  'ambiguous',
  'noBluetooth',
];
const STRANGER_KINDS: readonly StrangerKind[] = ['bthome', 'eddystone', 'iBeacon'];
const KINDS: readonly HeardKind[] = [...STRANGER_KINDS, 'presence'];
const ADDRESS = /^[0-9a-f]{2}(:[0-9a-f]{2}){5}$/;
const RADIO = /^hci\d{1,5}$/;
const RADIO_NUMBER_MAX = 65_535;
const RADIO_ADDRESS = /^[0-9A-F]{2}(:[0-9A-F]{2}){5}$/;
const PATH = /^\/[^\0]{1,254}$/;
const BAUD_RATE_MAX = 12_000_000;
const IBEACON = /^[0-9a-f]{32}$/;
const EDDYSTONE = /^[0-9a-f]{20}$/;
const HEX = /^([0-9a-f]{2}){0,255}$/;
export const HEX_LENGTH_MAX = 510;

/** `undefined`: no message of a gateway. */
export function parseToScanner(message: unknown): ToScanner | undefined {
  if (typeof message !== 'object' || message === null || !('type' in message)) return undefined;
  switch (message.type) {
    case 'ping':
    case 'rescan':
    case 'reset':
    case 'strangers':
      return { type: message.type };
    case 'listen': {
      const fields = message as Claimed;
      const [radio, watch] = [parseRadio(fields.radio), parseWatch(fields.watch)];
      return radio === undefined || watch === undefined ? undefined : { type: 'listen', radio, watch };
    }
    default:
      return undefined;
  }
}

function parseRadio(radio: unknown): ScannedRadio | undefined {
  if (typeof radio !== 'object' || radio === null || !('type' in radio)) return undefined;
  const { number, address, path, baudRate } = radio as Claimed;
  switch (radio.type) {
    case 'kernel':
      return isCount(number) && number <= RADIO_NUMBER_MAX ? { type: 'kernel', number } : undefined;
    case 'address':
      return isText(address, RADIO_ADDRESS) ? { type: 'address', address } : undefined;
    case 'serial':
      return isText(path, PATH) && isCount(baudRate) && baudRate > 0 && baudRate <= BAUD_RATE_MAX
        ? { type: 'serial', path, baudRate }
        : undefined;
    default:
      return undefined;
  }
}

function parseWatch(watch: unknown): Watch | undefined {
  if (typeof watch !== 'object' || watch === null) return undefined;
  const { addresses, iBeacons, eddystones } = watch as Claimed;
  return areTexts(addresses, ADDRESS) && areTexts(iBeacons, IBEACON) && areTexts(eddystones, EDDYSTONE)
    ? { addresses, iBeacons, eddystones }
    : undefined;
}

/** `undefined`: no message of a scanner. */
export function parseFromScanner(message: unknown): FromScanner | undefined {
  if (typeof message !== 'object' || message === null || !('type' in message)) return undefined;
  const fields = message as Claimed;
  switch (message.type) {
    case 'heard':
      return Array.isArray(fields.heard) ? { type: 'heard', heard: fields.heard as HeardEntry[] } : undefined;
    case 'state':
      return isOneOf(fields.state, STATES) && typeof fields.detail === 'string'
        ? { type: 'state', state: fields.state, detail: plain(fields.detail) }
        : undefined;
    case 'found':
      return isText(fields.radio, RADIO) ? { type: 'found', radio: fields.radio } : undefined;
    case 'status':
      return {
        type: 'status',
        residentBytes: count(fields.residentBytes),
        advertisements: count(fields.advertisements),
        dropped: count(fields.dropped),
      };
    case 'strangers':
      return Array.isArray(fields.strangers)
        ? { type: 'strangers', strangers: fields.strangers, leftOut: count(fields.leftOut) }
        : undefined;
    default:
      return undefined;
  }
}

/** `undefined`: malformed. */
export function parseStranger(entry: unknown): HeardStranger | undefined {
  if (!Array.isArray(entry)) return undefined;
  const [kind, address, hex, rssiDbm, messages, firstMs, lastMs, movedMs, movedHex] = entry as unknown[];
  if (!isText(address, ADDRESS) || !isText(hex, HEX) || !isOneOf(kind, STRANGER_KINDS)) return undefined;
  if (!isRssi(rssiDbm) || !isNumber(firstMs) || !isNumber(lastMs)) return undefined;
  return {
    kind,
    address: address.toUpperCase(),
    hex,
    rssiDbm,
    messages: count(messages),
    firstMs: firstMs as MonoMs,
    lastMs: lastMs as MonoMs,
    ...(isNumber(movedMs) ? { movedMs: movedMs as MonoMs } : {}),
    ...(isText(movedHex, HEX) && movedHex !== '' ? { movedHex } : {}),
  };
}

function isText(value: unknown, form: RegExp): value is string {
  return typeof value === 'string' && form.test(value);
}

/** Not by its text: to make a text of a hostile object may throw. */
function isOneOf<T extends string>(value: unknown, all: readonly T[]): value is T {
  return all.some((each) => each === value);
}

function areTexts(value: unknown, form: RegExp): value is readonly string[] {
  return Array.isArray(value) && value.every((each) => isText(each, form));
}

/** Not `1e999`, which JSON may hold. */
function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 0;
}

/** An octet with a sign (Bluetooth Core, volume 4, part E, §7.7.65.2). */
function isRssi(value: unknown): value is number {
  return Number.isInteger(value) && Number(value) >= -128 && Number(value) <= 127;
}

function isNumber(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value);
}

/** `undefined`: malformed. A time that can't be is put right. */
export function parseHeard(entry: unknown, nowMs: MonoMs): Heard | undefined {
  if (!Array.isArray(entry)) return undefined;
  const [capturedMs, address, rssiDbm, kind, hex] = entry as unknown[];
  if (!isText(address, ADDRESS) || !isText(hex, HEX) || !isOneOf(kind, KINDS)) return undefined;
  if (!isRssi(rssiDbm) || typeof capturedMs !== 'number') return undefined;
  return {
    capturedMs: capturedMs > nowMs - TRANSIT_MS_MAX && capturedMs <= nowMs ? (capturedMs as MonoMs) : nowMs,
    address: address.toUpperCase(),
    rssiDbm,
    kind,
    hex,
  };
}

/** Nothing waits longer than this in the channel while both processes are well. */
const TRANSIT_MS_MAX = 60_000;

const TEXT_LENGTH_MAX = 200;

/** One line of printable characters. */
export function plain(words: string): string {
  return words
    .replace(/[^\x20-\x7e]+/g, ' ')
    .trim()
    .slice(0, TEXT_LENGTH_MAX);
}

function count(value: unknown): number {
  return isCount(value) ? value : 0;
}
