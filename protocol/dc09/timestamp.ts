import { type CivilTime, civilTime, perSecond, wallMsOf } from '../wall-time.ts';

/**
 * Writes `HH:MM:SS,MM-DD-YYYY`, UTC, month before day (DC-09 timestamp and `[H…]`). `wallMs` is ms
 * since 1970 UTC, years 0…9999.
 */
export const formatTimestamp = perSecond((wallMs) => {
  const time = civilTime(wallMs);
  return `${clock(time)},${digits(time.month, 2)}-${digits(time.day, 2)}-${digits(time.year, 4)}`;
});

/** Writes `YYYY-MM-DD HH:MM:SSZ`, UTC, for people. */
export const formatReadable = perSecond((wallMs) => {
  const time = civilTime(wallMs);
  return `${digits(time.year, 4)}-${digits(time.month, 2)}-${digits(time.day, 2)} ${clock(time)}Z`;
});

/**
 * Returns ms since 1970 UTC, or `undefined` if `text` is not exactly one existing
 * `HH:MM:SS,MM-DD-YYYY`.
 */
export function parseTimestamp(text: string): number | undefined {
  if (text !== lastText) {
    lastWallMs = wallMsOfStamp(text);
    lastText = text;
  }
  return lastWallMs;
}

/** The last stamp read. In a storm, many answers have the same. */
let lastText = '';
let lastWallMs: number | undefined;

function wallMsOfStamp(text: string): number | undefined {
  const match = /^(\d\d):(\d\d):(\d\d),(\d\d)-(\d\d)-(\d{4})$/.exec(text);
  if (match === null) return undefined;
  const [hour = 0, minute = 0, second = 0, month = 0, day = 0, year = 0] = match.slice(1).map(Number);
  const wallMs = wallMsOf({ year, month, day, hour, minute, second, millisecond: 0 });
  // A time that does not exist (31 April, month 13, 25 o'clock) comes back as another one.
  return formatTimestamp(wallMs) === text ? wallMs : undefined;
}

/** Returns the first time stamp in a text, whatever surrounds it; `undefined` if there is none. */
export function timestampIn(text: string): number | undefined {
  const found = /\d\d:\d\d:\d\d,\d\d-\d\d-\d{4}/.exec(text)?.[0];
  return found === undefined ? undefined : parseTimestamp(found);
}

function clock({ hour, minute, second }: CivilTime): string {
  return `${digits(hour, 2)}:${digits(minute, 2)}:${digits(second, 2)}`;
}

function digits(value: number, width: number): string {
  return String(value).padStart(width, '0');
}
