/** Reports remembered; a retry comes within minutes, long before so many others. */
const REPORTS_MAX = 200;

/**
 * Which numbers have which parts of a report, so that a further attempt sends only what is missing:
 * a person who gets a text twice wonders whether it is a second alarm.
 */
export class DeliveredParts {
  readonly #byReport = new Map<string, Set<string>>();

  /** @param report names it, with its words @returns the parts, to be added to */
  of(report: string): Set<string> {
    const parts = this.#byReport.get(report) ?? new Set<string>();
    // The last one asked for is the last to be forgotten.
    this.#byReport.delete(report);
    this.#byReport.set(report, parts);
    for (const oldest of this.#byReport.keys()) {
      if (this.#byReport.size <= REPORTS_MAX) break;
      this.#byReport.delete(oldest);
    }
    return parts;
  }
}
