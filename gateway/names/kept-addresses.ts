import { isIP } from 'node:net';
import { messageOf } from '../../protocol/errors.ts';
import type { Lookup } from './names.ts';

/** Where the addresses are kept. */
export interface AddressFile {
  /** The whole text; `undefined` if there is none. Rejects if it can't be read. */
  read(): Promise<string | undefined>;
  /** Replaces the text. Whatever happens meanwhile, the old text or the new one is there. */
  write(text: string): Promise<void>;
}

/** Text for a person, for the log. */
export type KeptNotice = (event: 'addresses.unreadable' | 'addresses.not_kept', detail: string) => void;

/** Look-ups that end within this time are written together, ms. */
const GATHER_MS = 1_000;
const AGAIN_MS = 60_000;
/** A disk that hangs must not hold up a stop for longer than this, ms. */
const FAREWELL_MS = 500;
const HOSTS_MAX = 256;
const ADDRESSES_MAX = 32;
const HOST_LENGTH_MAX = 253;

/**
 * The last good addresses of each host, kept over a restart. After a power cut the gateway is up
 * before the router, and finds no name server. A kept address proves nothing: TLS or the path's key
 * proves who is there.
 */
export class KeptAddresses {
  readonly #file: AddressFile;
  readonly #notice: KeptNotice;
  readonly #before: Promise<ReadonlyMap<string, readonly string[]>>;
  /** Addresses of the hosts that were looked up in this run. */
  readonly #now = new Map<string, readonly string[]>();
  #timer: NodeJS.Timeout | undefined;
  #writing: Promise<void> = Promise.resolve();
  #failed = false;

  constructor(file: AddressFile, notice: KeptNotice) {
    this.#file = file;
    this.#notice = notice;
    this.#before = this.#read();
  }

  /** The addresses of a host known from before this start. Empty: none. Never rejects. */
  readonly kept: Lookup = async (host) => {
    const kept = (await this.#before).get(host) ?? [];
    if (kept.length > 0 && !this.#now.has(host)) this.#now.set(host, kept);
    return kept;
  };

  /** A look-up had this answer. */
  async learnt(host: string, addresses: readonly string[]): Promise<void> {
    const kept = await this.kept(host);
    const known = this.#now.get(host) ?? kept;
    const usable = addresses.filter((address) => isIP(address) !== 0).slice(0, ADDRESSES_MAX);
    // Name servers rotate the order from answer to answer.
    if (usable.length === 0 || sameMembers(known, usable)) return;
    this.#now.set(host, usable);
    this.#writeIn(GATHER_MS);
  }

  /** Writes what is not yet written, if the disk accepts it in time. */
  async stop(): Promise<void> {
    if (this.#timer !== undefined) this.#write();
    let late: NodeJS.Timeout | undefined;
    const waited = new Promise<void>((resolve) => {
      late = setTimeout(resolve, FAREWELL_MS);
    });
    await Promise.race([this.#writing, waited]);
    clearTimeout(late);
    clearTimeout(this.#timer);
  }

  async #read(): Promise<ReadonlyMap<string, readonly string[]>> {
    try {
      const text = await this.#file.read();
      return text === undefined ? new Map() : parseKept(text);
    } catch (error) {
      const detail = `${messageOf(error)}: the kept addresses are ignored, and every name is looked up anew`;
      this.#notice('addresses.unreadable', detail);
      return new Map();
    }
  }

  #writeIn(ms: number): void {
    this.#timer ??= setTimeout(() => this.#write(), ms).unref();
  }

  #write(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    // Read before written: the new text replaces the old one.
    this.#writing = Promise.all([this.#before, this.#writing])
      .then(() => this.#file.write(textOf(this.#now)))
      .then(
        () => {
          this.#failed = false;
        },
        (error: unknown) => this.#notWritten(error),
      );
  }

  #notWritten(error: unknown): void {
    this.#writeIn(AGAIN_MS);
    if (this.#failed) return;
    this.#failed = true;
    const detail = `${messageOf(error)}: after a restart without a name server no host given by name would be found`;
    this.#notice('addresses.not_kept', detail);
  }
}

function sameMembers(some: readonly string[], others: readonly string[]): boolean {
  return some.length === others.length && some.every((address) => others.includes(address));
}

function textOf(hosts: ReadonlyMap<string, readonly string[]>): string {
  return `${JSON.stringify({ version: 1, hosts: Object.fromEntries(hosts) }, undefined, 1)}\n`;
}

/** @throws if the text is not such a file's */
function parseKept(text: string): ReadonlyMap<string, readonly string[]> {
  const kept: unknown = JSON.parse(text);
  const held = isObject(kept) && kept.version === 1 ? kept.hosts : undefined;
  if (!isObject(held)) throw new Error('it holds no addresses');
  const hosts = Object.entries(held);
  if (hosts.length > HOSTS_MAX) throw new Error(`it holds more than ${HOSTS_MAX} hosts`);
  return new Map(hosts.map(([host, some]) => [host, literals(host, some)]));
}

function literals(host: string, some: unknown): readonly string[] {
  const all: readonly unknown[] = Array.isArray(some) ? some : [some];
  const isAddress = (address: unknown): address is string => typeof address === 'string' && isIP(address) !== 0;
  if (!all.every(isAddress) || all.length > ADDRESSES_MAX) {
    throw new Error(`what it holds for ${JSON.stringify(host.slice(0, HOST_LENGTH_MAX))} are no addresses`);
  }
  return all;
}

function isObject(value: unknown): value is { readonly version?: unknown; readonly hosts?: unknown } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
