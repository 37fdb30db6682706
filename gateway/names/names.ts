import { lookup as systemLookup } from 'node:dns/promises';

/** Literal addresses of a host name; rejects if there are none. */
export type Lookup = (host: string) => Promise<readonly string[]>;

/** Gives a driver the addresses of host names. */
export interface Names {
  /**
   * Looks up now. It may take as long as the name server wants. Default: the system's resolver, in
   * this process.
   */
  readonly lookup?: Lookup;
  /** The answer from before this start. Empty: none is known. Never rejects. Default: nothing. */
  readonly kept?: Lookup;
}

export const resolveBySystem: Lookup = async (host) =>
  (await systemLookup(host, { all: true })).map((entry) => entry.address);

export const nothingKept: Lookup = async () => [];
