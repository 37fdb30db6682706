/**
 * How far clocks are set back in autumn: Lord Howe Island's by 30 minutes, all others by an hour.
 */
const SET_BACK_MS = [3_600_000, 1_800_000];

/** Times for people, in one time zone. */
export class LocalTimes {
  readonly zone: string;
  readonly #date: Intl.DateTimeFormat;
  readonly #time: Intl.DateTimeFormat;
  readonly #zoneName: Intl.DateTimeFormat;

  /** @param timeZone IANA name; absent: this machine's */
  constructor(timeZone?: string) {
    const zone = timeZone === undefined ? {} : { timeZone };
    this.#date = new Intl.DateTimeFormat('en-GB', { ...zone, day: '2-digit', month: 'short', year: 'numeric' });
    this.#time = new Intl.DateTimeFormat('en-GB', {
      ...zone,
      hour: '2-digit',
      minute: '2-digit',
      second: '2-digit',
      hourCycle: 'h23',
    });
    this.#zoneName = new Intl.DateTimeFormat('en-GB', { ...zone, timeZoneName: 'longOffset' });
    this.zone = this.#date.resolvedOptions().timeZone;
  }

  /** `28 Nov 2026` */
  date(iso: string): string {
    return this.#date.format(new Date(iso));
  }

  /** `16:02:07`; with its offset where the night in autumn has that time twice. */
  time(iso: string): string {
    return this.#timeWith(iso, '');
  }

  /** `16:02:07.3` */
  timeInTenths(iso: string): string {
    return this.#timeWith(iso, iso.slice(19, 21));
  }

  /** `28 Nov 2026 16:02:07` */
  both(iso: string): string {
    return `${this.date(iso)} ${this.time(iso)}`;
  }

  /** `America/New_York (GMT-05:00)`: the offset of that day. */
  zoneOn(iso: string): string {
    return `${this.zone} (${this.#offset(new Date(iso))})`;
  }

  #timeWith(iso: string, tenths: string): string {
    const at = new Date(iso);
    const time = `${this.#time.format(at)}${tenths}`;
    return this.#comesTwice(at.getTime()) ? `${time} (${this.#offset(at)})` : time;
  }

  #offset(at: Date): string {
    const parts = this.#zoneName.formatToParts(at);
    return parts.find(({ type }) => type === 'timeZoneName')?.value ?? 'offset not known';
  }

  #comesTwice(ms: number): boolean {
    const reading = this.#reading(ms);
    return SET_BACK_MS.some((by) => this.#reading(ms - by) === reading || this.#reading(ms + by) === reading);
  }

  #reading(ms: number): string {
    const at = new Date(ms);
    return `${this.#date.format(at)} ${this.#time.format(at)}`;
  }
}
