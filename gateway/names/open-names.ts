import { addressFileIn } from './address-file.ts';
import { KeptAddresses, type KeptNotice } from './kept-addresses.ts';
import { NameResolver } from './name-resolver.ts';
import type { Names } from './names.ts';

interface OpenNames extends Required<Names> {
  /** Gives up open look-ups, and writes down the new addresses. */
  stop(): Promise<void>;
}

/**
 * The names of the hosts that the gateway connects to. A separate process looks them up; the data
 * directory keeps them.
 *
 * @param dataDirectory absent: nothing is kept
 */
export function openNames(
  dataDirectory: string | undefined,
  notice: KeptNotice,
  resolver: Pick<NameResolver, 'lookup' | 'stop'> = new NameResolver(),
): OpenNames {
  const book = dataDirectory === undefined ? undefined : new KeptAddresses(addressFileIn(dataDirectory), notice);
  return {
    lookup: async (host) => {
      const addresses = await resolver.lookup(host);
      await book?.learnt(host, addresses);
      return addresses;
    },
    kept: async (host) => (await book?.kept(host)) ?? [],
    stop: async () => {
      resolver.stop();
      await book?.stop();
    },
  };
}
