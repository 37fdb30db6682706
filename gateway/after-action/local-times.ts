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

  /** `16:02:07` */
  time(iso: string): string {
    return this.#time.format(new Date(iso));
  }

  /** `28 Nov 2026 16:02:07` */
  both(iso: string): string {
    return `${this.date(iso)} ${this.time(iso)}`;
  }

  /** `America/New_York (GMT-05:00)`: the offset of that day. */
  zoneOn(iso: string): string {
    const parts = this.#zoneName.formatToParts(new Date(iso));
    return `${this.zone} (${parts.find(({ type }) => type === 'timeZoneName')?.value ?? 'offset not known'})`;
  }
}
