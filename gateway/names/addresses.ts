import { isIP } from 'node:net';
import { LONG_AGO_MS } from '../../protocol/clocks.ts';
import { monoMs } from '../system/clock.ts';
import { type Names, nothingKept, resolveBySystem } from './names.ts';

/**
 * Time between two look-ups of a host that works. A host that has moved is noticed by its failing
 * connections, and each look-up may start a process.
 */
const REFRESH_MS = 30 * 60_000;
const RETRY_MS = 5_000;
/**
 * After a failed connection the host may have moved. It is looked up early then, but not more often
 * than this.
 */
const SUSPICION_MS = 10_000;

export interface NamedHost {
  /** Name or literal address. */
  readonly host: string;
  /** Address of this machine to send from: only addresses of its family can be reached. */
  readonly localAddress?: string;
}

/**
 * A host's addresses. They are looked up in the background and never on the alert path: a name
 * server that hangs costs only freshness. When a later look-up fails, the last good answer stays.
 * Until the first answer comes, the addresses kept from before this start are used.
 */
export class Addresses {
  readonly #host: string;
  readonly #family: number;
  readonly #names: Required<Names>;
  readonly #onFound: () => void;
  #known: readonly string[] = [];
  #preferred = 0;
  #timer: NodeJS.Timeout | undefined;
  #learntMs = LONG_AGO_MS;
  /** True if a look-up of this run has had an answer. */
  #fresh = false;
  /** True if the host has addresses, and the local address can reach none of them. */
  #foundOthers = false;
  #stopped = false;

  /** @param onFound called once, when the first address is known and was not at `start` */
  constructor({ host, localAddress = '' }: NamedHost, names: Names, onFound: () => void) {
    this.#host = host;
    this.#family = isIP(localAddress);
    this.#names = { lookup: names.lookup ?? resolveBySystem, kept: names.kept ?? nothingKept };
    this.#onFound = onFound;
    if (isIP(host) !== 0) this.#known = [host];
  }

  start(): void {
    if (isIP(this.#host) !== 0) return;
    this.#resolve();
    void this.#names.kept(this.#host).then((kept) => {
      if (!this.#fresh) this.#take(kept);
    });
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
  }

  /** The address to connect to now. Always literal. */
  get current(): string | undefined {
    return this.#known[this.#preferred];
  }

  /** Why there is no address, in words. */
  get missing(): string {
    return this.#foundOthers
      ? `${this.#host} has no IPv${this.#family} address, and localAddress is one: write one of the other kind, or none`
      : `no address is known for ${this.#host}: check the name, and this machine's name server`;
  }

  /** The address does not work: use the host's next one the next time. */
  failed(address: string): void {
    if (address === this.current) this.#preferred = (this.#preferred + 1) % this.#known.length;
    if (this.#stopped || this.#timer === undefined || monoMs() - this.#learntMs < SUSPICION_MS) return;
    clearTimeout(this.#timer);
    this.#resolve();
  }

  /** One look-up at a time: look-ups that hang must not pile up. */
  #resolve(): void {
    this.#timer = undefined;
    this.#names.lookup(this.#host).then(
      (found) => this.#learn(found),
      // A failed look-up changes nothing. Each attempt reports that `current` is undefined.
      () => this.#again(),
    );
  }

  #learn(found: readonly string[]): void {
    const isUsable = this.#usable(found).length > 0;
    this.#foundOthers = !isUsable && found.length > 0;
    if (isUsable) this.#fresh = true;
    this.#again();
    if (isUsable) this.#take(found);
  }

  #take(found: readonly string[]): void {
    const usable = this.#usable(found);
    if (usable.length === 0) return;
    const isFirst = this.#known.length === 0;
    // Stay with the address in use while the host still has it.
    this.#preferred = Math.max(0, usable.indexOf(this.current ?? ''));
    this.#known = usable;
    if (isFirst && !this.#stopped) this.#onFound();
  }

  #usable(found: readonly string[]): readonly string[] {
    return found.filter((address) => isIP(address) !== 0 && (this.#family === 0 || isIP(address) === this.#family));
  }

  #again(): void {
    this.#learntMs = monoMs();
    if (this.#stopped) return;
    this.#timer = setTimeout(() => this.#resolve(), this.#fresh ? REFRESH_MS : RETRY_MS);
    this.#timer.unref();
  }
}
