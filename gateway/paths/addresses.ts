import { lookup as systemLookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import { monoMs } from '../clock.ts';

/** Literal addresses of a host name; rejects if there are none. */
export type Lookup = (host: string) => Promise<readonly string[]>;

export const resolveBySystem: Lookup = async (host) =>
  (await systemLookup(host, { all: true })).map((entry) => entry.address);

const REFRESH_MS = 5 * 60_000;
const RETRY_MS = 5_000;
/** After a connection failed the host may have moved: look it up early, but not more often than this. */
const SUSPICION_MS = 30_000;

/**
 * The receiver's addresses, looked up in the background and never on the alert path: a name server that hangs costs nothing but
 * freshness. The last good answer is kept when a later look-up fails.
 */
export class Addresses {
  readonly #host: string;
  readonly #lookup: Lookup;
  readonly #onFound: () => void;
  #known: readonly string[] = [];
  #preferred = 0;
  #timer: NodeJS.Timeout | undefined;
  #learntMs = 0;
  #stopped = false;

  /** @param onFound called once, when the first address is known and was not at `start` */
  constructor(host: string, lookup: Lookup, onFound: () => void) {
    this.#host = host;
    this.#lookup = lookup;
    this.#onFound = onFound;
    if (isIP(host) !== 0) this.#known = [host];
  }

  start(): void {
    if (isIP(this.#host) === 0) this.#resolve();
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
  }

  /** The address to connect to now; always literal. */
  get current(): string | undefined {
    return this.#known[this.#preferred];
  }

  /** The address does not work: try the host's next one the next time. */
  failed(address: string): void {
    if (address === this.current) this.#preferred = (this.#preferred + 1) % this.#known.length;
    if (this.#timer === undefined || monoMs() - this.#learntMs < SUSPICION_MS) return;
    clearTimeout(this.#timer);
    this.#resolve();
  }

  /** One look-up at a time: a hanging one occupies one of libuv's four threads, and must not be joined by others. */
  #resolve(): void {
    this.#timer = undefined;
    this.#lookup(this.#host).then(
      (found) => this.#learn(found),
      // No news: what was known stays known, and `current` being undefined is reported by each attempt.
      () => this.#again(),
    );
  }

  #learn(found: readonly string[]): void {
    const literal = found.filter((address) => isIP(address) !== 0);
    const first = this.#known.length === 0 && literal.length > 0;
    if (literal.length > 0) {
      // Stay with the address in use while the host still has it.
      this.#preferred = Math.max(0, literal.indexOf(this.current ?? ''));
      this.#known = literal;
    }
    this.#again();
    if (first && !this.#stopped) this.#onFound();
  }

  #again(): void {
    this.#learntMs = monoMs();
    if (this.#stopped) return;
    this.#timer = setTimeout(() => this.#resolve(), this.#known.length === 0 ? RETRY_MS : REFRESH_MS);
    this.#timer.unref();
  }
}
