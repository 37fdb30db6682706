/** Number of reports remembered. A retry comes within minutes, long before this many others. */
const REPORTS_MAX = 200;

/**
 * Which numbers have which parts of a report, so that a further attempt sends only what is missing.
 * A person who gets a text twice wonders whether it is a second alarm.
 */
export class DeliveredParts {
  readonly #byReport = new Map<string, Set<string>>();

  /**
   * @param report identifies the report and its text
   * @returns the parts, to be added to
   */
  of(report: string): Set<string> {
    const parts = this.#byReport.get(report) ?? new Set<string>();
    // The last one used is the last to be forgotten.
    this.#byReport.delete(report);
    this.#byReport.set(report, parts);
    for (const oldest of this.#byReport.keys()) {
      if (this.#byReport.size <= REPORTS_MAX) break;
      this.#byReport.delete(oldest);
    }
    return parts;
  }
}
