import { asciiToBytes, hexToBytes } from '../bytes.ts';
import {
  type Direction,
  type FrameAbout,
  isTextByte,
  RECORDING_VERSION,
  type RecordingEnd,
  type RecordingEntry,
  type WireName,
} from './recording.ts';

type EntryResult =
  | { readonly ok: true; readonly entry: RecordingEntry }
  /** `reason` follows the number of the line. */
  | { readonly ok: false; readonly reason: string };

/** A line as its writer claims it. */
interface Claimed {
  readonly [name: string]: unknown;
}

/** Longest id, driver name, line name and kind. */
const NAME_LENGTH_MAX = 256;
/** MQTT §1.5.3: 65,535 bytes. */
const TOPIC_LENGTH_MAX = 65_535;
/** A year. */
const MS_MAX = 366 * 86_400_000;
/** ISO 8601, as JavaScript writes it. */
const UTC = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?Z$/;
const ENDS: readonly RecordingEnd[] = ['time', 'size', 'stopped', 'gatewayGone', 'notRead'];

/** Reads one line. Never throws, whatever the line is. */
export function readEntry(line: string): EntryResult {
  const fields = parsed(line);
  if (fields === undefined) return refused('it is not a JSON object');
  const { callpoint, ms } = fields;
  if (callpoint !== undefined) return headerOf(fields);
  if (!isNumber(ms, 0, MS_MAX)) return refused('it has no time (ms)');
  const entry = entryOf(fields, ms);
  return typeof entry === 'string' ? refused(entry) : { ok: true, entry };
}

function headerOf({ callpoint, version, began, gateway }: Claimed): EntryResult {
  if (callpoint !== 'recording' || !isNumber(version, 1, Number.MAX_SAFE_INTEGER)) return refused('it is no recording');
  if (version > RECORDING_VERSION) {
    return refused(
      `it is of version ${version}, and this Callpoint reads up to ${RECORDING_VERSION}: use the Callpoint that made it, or a later one`,
    );
  }
  if (typeof began !== 'string' || !UTC.test(began)) return refused('it does not say when it began');
  return { ok: true, entry: { type: 'header', version, began, gateway: textOr(gateway, 'unknown') } };
}

function entryOf(fields: Claimed, ms: number): RecordingEntry | string {
  const { gateway, end, frames, dropped, driver, baudRate, connection, state } = fields;
  if (gateway === 'lost' || gateway === 'back') return { type: 'gateway', ms, state: gateway };
  if (end !== undefined) {
    const known = ENDS.find((each) => each === end);
    if (known === undefined) return 'it ends for an unknown reason';
    return { type: 'end', ms, end: known, frames: countOr0(frames), dropped: countOr0(dropped) };
  }
  const wire = wireOf(fields);
  if (wire === undefined) return 'it names neither an input nor a path';
  if (driver !== undefined) {
    if (!isText(driver, NAME_LENGTH_MAX)) return 'its driver is no name';
    const speed = isNumber(baudRate, 1, Number.MAX_SAFE_INTEGER) ? { baudRate } : {};
    return { type: 'wire', ms, ...wire, driver, ...speed };
  }
  if (state === 'open' || state === 'closed') {
    if (!isCount(connection)) return 'its connection has no number';
    return { type: 'connection', ms, ...wire, connection, state };
  }
  if (dropped !== undefined) return { type: 'dropped', ms, ...wire, frames: countOr0(dropped) };
  return frameOf(fields, ms, wire);
}

function frameOf(fields: Claimed, ms: number, wire: WireName): RecordingEntry | string {
  for (const direction of ['in', 'out'] as const) {
    const bytes = contentOf(fields, direction);
    if (bytes === null) return `what went ${direction} is neither hex nor ASCII text`;
    if (bytes !== undefined) return { type: 'frame', ms, ...wire, direction, bytes, about: aboutOf(fields) };
  }
  return 'it says nothing that this version knows';
}

/** `undefined`: nothing went there; `null`: it can't be read. */
function contentOf(fields: Claimed, direction: Direction): Uint8Array | null | undefined {
  const { [direction]: hex, [`${direction}Text`]: text } = fields;
  if (typeof hex === 'string') return hexToBytes(hex) ?? null;
  if (typeof text !== 'string') return hex === undefined && text === undefined ? undefined : null;
  for (let at = 0; at < text.length; at += 1) if (!isTextByte(text.charCodeAt(at))) return null;
  return asciiToBytes(text);
}

function aboutOf({ connection, line, topic, retained, address, rssiDbm, kind }: Claimed): FrameAbout {
  return {
    ...(isCount(connection) && { connection }),
    ...(isText(line, NAME_LENGTH_MAX) && { line }),
    ...(isText(topic, TOPIC_LENGTH_MAX) && { topic }),
    ...(retained === true && { retained }),
    ...(isText(address, NAME_LENGTH_MAX) && { address }),
    ...(isNumber(rssiDbm, -200, 200) && { rssiDbm }),
    ...(isText(kind, NAME_LENGTH_MAX) && { kind }),
  };
}

function wireOf({ input, path }: Claimed): WireName | undefined {
  if (isText(input, NAME_LENGTH_MAX)) return { side: 'input', id: input };
  return isText(path, NAME_LENGTH_MAX) ? { side: 'path', id: path } : undefined;
}

function parsed(line: string): Claimed | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Claimed) : undefined;
  } catch {
    return undefined; // not JSON: the caller says so
  }
}

function isNumber(value: unknown, least: number, most: number): value is number {
  return typeof value === 'number' && value >= least && value <= most;
}

function isCount(value: unknown): value is number {
  return isNumber(value, 0, Number.MAX_SAFE_INTEGER) && Number.isInteger(value);
}

function countOr0(value: unknown): number {
  return isCount(value) ? value : 0;
}

function isText(value: unknown, lengthMax: number): value is string {
  return typeof value === 'string' && value !== '' && value.length <= lengthMax;
}

function textOr(value: unknown, otherwise: string): string {
  return isText(value, NAME_LENGTH_MAX) ? value : otherwise;
}

function refused(reason: string): EntryResult {
  return { ok: false, reason };
}
