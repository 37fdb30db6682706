import { lookup as systemLookup } from 'node:dns/promises';

/** Literal addresses of a host name; rejects if there are none. */
export type Lookup = (host: string) => Promise<readonly string[]>;

/** Where a driver gets the addresses of host names from. */
export interface Names {
  /** Asks now. May take as long as a name server likes. Default: the system's resolver, in this process. */
  readonly lookup?: Lookup;
  /** What was answered before this start; empty if nothing is known. Never rejects. Default: nothing. */
  readonly kept?: Lookup;
}

export const resolveBySystem: Lookup = async (host) =>
  (await systemLookup(host, { all: true })).map((entry) => entry.address);

export const nothingKept: Lookup = async () => [];
