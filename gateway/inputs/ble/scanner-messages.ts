import type { MonoMs } from '../../../protocol/clocks.ts';

/**
 * What the gateway and the process that listens to one radio say to each other: JSON on the
 * process's own channel. The process reads what strangers send by radio, so everything it reports
 * is checked; it never gets a key.
 */
export type ToScanner =
  /** First of all: begin to listen. */
  | { readonly type: 'listen'; readonly watch: Watch }
  | { readonly type: 'ping' }
  /** Stop and start the scan. */
  | { readonly type: 'rescan' }
  /** HCI reset, and scan again. */
  | { readonly type: 'reset' }
  /** Who was heard besides the watched. */
  | { readonly type: 'strangers' };

/** What is worth passing on. All in small letters. */
export interface Watch {
  /** Every advertisement of these counts. `54:48:e6:8f:80:a5` */
  readonly addresses: readonly string[];
  /** 32 hex digits each. */
  readonly iBeacons: readonly string[];
  /** Eddystone namespaces, 20 hex digits each. */
  readonly eddystones: readonly string[];
}

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

const STATES: readonly string[] = [
  'listening',
  'poweredOff',
  'unauthorized',
  'unsupported',
  'failed',
  'absent',
  'ambiguous',
  'noBluetooth',
];
const STRANGER_KINDS: readonly string[] = ['bthome', 'eddystone', 'iBeacon'];
const KINDS: readonly string[] = [...STRANGER_KINDS, 'presence'];
const ADDRESS = /^[0-9a-f]{2}(:[0-9a-f]{2}){5}$/;
const RADIO = /^hci\d{1,5}$/;
const HEX = /^([0-9a-f]{2}){0,255}$/;

/** `undefined`: no message of a scanner. */
export function parseFromScanner(message: unknown): FromScanner | undefined {
  if (typeof message !== 'object' || message === null || !('type' in message)) return undefined;
  const fields = message as Claimed;
  switch (message.type) {
    case 'heard':
      return Array.isArray(fields.heard) ? { type: 'heard', heard: fields.heard as HeardEntry[] } : undefined;
    case 'state':
      return STATES.includes(String(fields.state))
        ? { type: 'state', state: fields.state as ScannerState, detail: plain(String(fields.detail)) }
        : undefined;
    case 'found':
      return RADIO.test(String(fields.radio)) ? { type: 'found', radio: String(fields.radio) } : undefined;
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
  if (typeof address !== 'string' || !ADDRESS.test(address)) return undefined;
  if (typeof hex !== 'string' || !HEX.test(hex) || !STRANGER_KINDS.includes(String(kind))) return undefined;
  if (!isNumber(rssiDbm) || !isNumber(firstMs) || !isNumber(lastMs)) return undefined;
  return {
    kind: kind as StrangerKind,
    address: address.toUpperCase(),
    hex,
    rssiDbm,
    messages: count(messages),
    firstMs: firstMs as MonoMs,
    lastMs: lastMs as MonoMs,
    ...(isNumber(movedMs) ? { movedMs: movedMs as MonoMs } : {}),
    ...(typeof movedHex === 'string' && movedHex !== '' && HEX.test(movedHex) ? { movedHex } : {}),
  };
}

function isNumber(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value);
}

/** `undefined`: malformed. A time that can't be is put right. */
export function parseHeard(entry: unknown, nowMs: MonoMs): Heard | undefined {
  if (!Array.isArray(entry)) return undefined;
  const [capturedMs, address, rssiDbm, kind, hex] = entry as unknown[];
  if (typeof address !== 'string' || !ADDRESS.test(address)) return undefined;
  if (typeof hex !== 'string' || !HEX.test(hex) || !KINDS.includes(String(kind))) return undefined;
  if (typeof rssiDbm !== 'number' || typeof capturedMs !== 'number') return undefined;
  return {
    capturedMs: capturedMs > nowMs - TRANSIT_MS_MAX && capturedMs <= nowMs ? (capturedMs as MonoMs) : nowMs,
    address: address.toUpperCase(),
    rssiDbm,
    kind: kind as HeardKind,
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
  return typeof value === 'number' && value >= 0 ? value : 0;
}
