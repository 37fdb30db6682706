/** Calendar time without `Date`, which the pure part does not have. Proleptic Gregorian, UTC. */
export interface CivilTime {
  readonly year: number;
  /** 1…12 */
  readonly month: number;
  /** 1…31 */
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
  readonly millisecond: number;
}

const DAY_MS = 86_400_000;

/** Takes milliseconds since 1970-01-01T00:00Z, of any sign. */
export function civilTime(wallMs: number): CivilTime {
  const whole = Math.floor(wallMs);
  const days = Math.floor(whole / DAY_MS);
  const ms = whole - days * DAY_MS;
  // This turns days into a civil date by 400-year eras that begin on 1 March, so that the leap day
  // is the last of its year.
  const shifted = days + 719_468;
  const era = Math.floor(shifted / 146_097);
  const dayOfEra = shifted - era * 146_097;
  const yearOfEra = Math.floor(
    (dayOfEra - Math.floor(dayOfEra / 1460) + Math.floor(dayOfEra / 36_524) - Math.floor(dayOfEra / 146_096)) / 365,
  );
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const marchMonth = Math.floor((5 * dayOfYear + 2) / 153);
  const month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9;
  return {
    year: yearOfEra + era * 400 + (month <= 2 ? 1 : 0),
    month,
    day: dayOfYear - Math.floor((153 * marchMonth + 2) / 5) + 1,
    hour: Math.floor(ms / 3_600_000),
    minute: Math.floor(ms / 60_000) % 60,
    second: Math.floor(ms / 1000) % 60,
    millisecond: ms % 1000,
  };
}

/**
 * Returns milliseconds since 1970-01-01T00:00Z of a civil UTC time. It does not check the fields'
 * ranges.
 */
export function wallMsOf(time: CivilTime): number {
  const year = time.month <= 2 ? time.year - 1 : time.year;
  const era = Math.floor(year / 400);
  const yearOfEra = year - era * 400;
  const dayOfYear = Math.floor((153 * (time.month > 2 ? time.month - 3 : time.month + 9) + 2) / 5) + time.day - 1;
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear;
  const days = era * 146_097 + dayOfEra - 719_468;
  return days * DAY_MS + time.hour * 3_600_000 + time.minute * 60_000 + time.second * 1000 + time.millisecond;
}

/**
 * Writes ISO 8601 with milliseconds and `Z`, as `Date.prototype.toISOString` does (years 0…9999).
 */
export function isoTime(wallMs: number): string {
  const whole = Math.floor(wallMs);
  return `${isoSecond(whole)}.${String(whole - Math.floor(whole / 1000) * 1000).padStart(3, '0')}Z`;
}

const isoSecond = perSecond((wallMs) => {
  const t = civilTime(wallMs);
  const two = (value: number) => String(value).padStart(2, '0');
  const date = `${String(t.year).padStart(4, '0')}-${two(t.month)}-${two(t.day)}`;
  return `${date}T${two(t.hour)}:${two(t.minute)}:${two(t.second)}`;
});

/**
 * Returns a function that writes a time's whole second as `write` does, and keeps the last text.
 * Most of the times that a storm writes are of one second.
 */
export function perSecond(write: (wallMs: number) => string): (wallMs: number) => string {
  let second = Number.NaN;
  let text = '';
  return (wallMs) => {
    const asked = Math.floor(Math.floor(wallMs) / 1000);
    if (asked !== second) {
      text = write(asked * 1000);
      second = asked;
    }
    return text;
  };
}
