import type { Report, UnsecuredDoor } from './report.ts';

/**
 * Writes the site's names in Latin letters, for links that carry no others.
 *
 * Every text of a report consists of fixed English words and names of the site. So replacing the
 * names puts all reports into Latin letters: alarms, digests, doors, cancels, restores, troubles,
 * drills.
 */
export class LatinSpelling {
  readonly #names: ReadonlyMap<string, string>;
  readonly #pattern: RegExp | undefined;

  /**
   * @param names for each name with letters that printable ASCII can't show, its spelling in
   * printable ASCII
   */
  constructor(names: ReadonlyMap<string, string>) {
    this.#names = names;
    this.#pattern = patternOf([...names.keys()]);
  }

  /** Returns the same report if nothing in it needs another spelling. */
  report(report: Report): Report {
    if (this.#pattern === undefined) return report;
    const text = this.text(report.text);
    const { alert } = report;
    if (alert === undefined) return text === report.text ? report : { ...report, text };
    const doors = alert.doors?.map((door): UnsecuredDoor => ({ ...door, name: this.text(door.name) }));
    return {
      ...report,
      text,
      alert: {
        ...alert,
        kindName: this.text(alert.kindName),
        building: this.text(alert.building),
        room: this.text(alert.room),
        place: this.text(alert.place),
        ...(doors === undefined ? {} : { doors }),
      },
    };
  }

  text(text: string): string {
    if (this.#pattern === undefined) return text;
    return text.replace(this.#pattern, (name) => this.#names.get(name) ?? name);
  }
}

/**
 * Matches whole names only, the longest first: "Главный" must not match a part of "Главный корпус".
 */
function patternOf(names: readonly string[]): RegExp | undefined {
  if (names.length === 0) return undefined;
  const longestFirst = names.toSorted((a, b) => b.length - a.length);
  const any = longestFirst.map((name) => name.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&')).join('|');
  return new RegExp(`(?<![\\p{L}\\p{M}\\p{N}])(?:${any})(?![\\p{L}\\p{M}\\p{N}])`, 'gu');
}
