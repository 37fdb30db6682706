const DAY_MS = 86_400_000;

/** `HH:MM:SS,MM-DD-YYYY`, UTC, month before day (DC-09 timestamp and `[H…]`). `wallMs`: ms since 1970 UTC, years 0…9999. */
export function formatTimestamp(wallMs: number): string {
  const days = Math.floor(wallMs / DAY_MS);
  const { year, month, day } = civilFromDays(days);
  return `${formatClock(wallMs)},${digits(month, 2)}-${digits(day, 2)}-${digits(year, 4)}`;
}

/** `YYYY-MM-DD HH:MM:SSZ`, UTC: for people, in texts. */
export function formatReadable(wallMs: number): string {
  const { year, month, day } = civilFromDays(Math.floor(wallMs / DAY_MS));
  return `${digits(year, 4)}-${digits(month, 2)}-${digits(day, 2)} ${formatClock(wallMs)}Z`;
}

/** Ms since 1970 UTC, or `undefined` if `text` is not exactly one existing `HH:MM:SS,MM-DD-YYYY`. */
export function parseTimestamp(text: string): number | undefined {
  const match = /^(\d\d):(\d\d):(\d\d),(\d\d)-(\d\d)-(\d{4})$/.exec(text);
  if (match === null) return undefined;
  const [hour = 0, minute = 0, second = 0, month = 0, day = 0, year = 0] = match.slice(1).map(Number);
  if (hour > 23 || minute > 59 || second > 59) return undefined;
  const days = daysFromCivil(year, month, day);
  const back = civilFromDays(days);
  // A date that does not exist (31 April, month 13) comes back as another one.
  if (back.year !== year || back.month !== month || back.day !== day) return undefined;
  return days * DAY_MS + ((hour * 60 + minute) * 60 + second) * 1000;
}

function formatClock(wallMs: number): string {
  const seconds = Math.floor(wallMs / 1000) - Math.floor(wallMs / DAY_MS) * 86_400;
  return `${digits(Math.floor(seconds / 3600), 2)}:${digits(Math.floor(seconds / 60) % 60, 2)}:${digits(seconds % 60, 2)}`;
}

function digits(value: number, width: number): string {
  return String(value).padStart(width, '0');
}

// The proleptic Gregorian calendar in eras of 400 years with the year starting in March, so that the leap day is the last one.
// The pure part has no Date.

function daysFromCivil(year: number, month: number, day: number): number {
  const shifted = month <= 2 ? year - 1 : year;
  const era = Math.floor(shifted / 400);
  const yearOfEra = shifted - era * 400;
  const dayOfYear = Math.floor((153 * ((month + 9) % 12) + 2) / 5) + day - 1;
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear;
  return era * 146_097 + dayOfEra - 719_468;
}

function civilFromDays(days: number): { year: number; month: number; day: number } {
  const fromMarch0 = days + 719_468;
  const era = Math.floor(fromMarch0 / 146_097);
  const dayOfEra = fromMarch0 - era * 146_097;
  const yearOfEra = Math.floor(
    (dayOfEra - Math.floor(dayOfEra / 1460) + Math.floor(dayOfEra / 36_524) - Math.floor(dayOfEra / 146_096)) / 365,
  );
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const shiftedMonth = Math.floor((5 * dayOfYear + 2) / 153);
  const month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9;
  return {
    year: yearOfEra + era * 400 + (month <= 2 ? 1 : 0),
    month,
    day: dayOfYear - Math.floor((153 * shiftedMonth + 2) / 5) + 1,
  };
}
