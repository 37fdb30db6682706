const WORTH_COUNTING: ReadonlySet<unknown> = new Set([40, 50, 60, 'warn', 'error', 'fatal']);
/** Log levels that must never appear. */
const FATAL: ReadonlySet<unknown> = new Set([60, 'fatal']);
const MOST_CHARACTERS = 500;

/** Counts by event what the gateway logs at warning level and above. */
export class GatewayLog {
  readonly #counts = new Map<string, number>();
  readonly #onFault: (fault: string) => void;

  /**
   * @param onFault called with each line that no gateway should write: a defect, or no log line at
   * all
   */
  constructor(onFault: (fault: string) => void) {
    this.#onFault = onFault;
  }

  get counts(): Readonly<Record<string, number>> {
    return Object.fromEntries([...this.#counts].sort());
  }

  take(line: string): void {
    const words = read(line);
    if (words === undefined) {
      this.#onFault(`the gateway printed: ${line.slice(0, MOST_CHARACTERS)}`);
      return;
    }
    const { level, event } = words;
    if (!WORTH_COUNTING.has(level)) return;
    const name = String(event);
    this.#counts.set(name, (this.#counts.get(name) ?? 0) + 1);
    if (FATAL.has(level) || name.includes('defect')) this.#onFault(line.slice(0, MOST_CHARACTERS));
  }
}

function read(line: string): { readonly level?: unknown; readonly event?: unknown } | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null ? value : undefined;
  } catch {
    // These lines come from Node, such as a warning.
    return undefined;
  }
}
