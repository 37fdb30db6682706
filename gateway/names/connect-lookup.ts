import { isIP, type LookupFunction } from 'node:net';
import { type Names, nothingKept, resolveBySystem } from './names.ts';

type Answer = (error: NodeJS.ErrnoException | null, addresses: readonly string[]) => void;

/**
 * The `lookup` of a client that connects to one host again and again. It answers at once with the
 * last good addresses, or with those kept from before this start, and looks the host up in the
 * background. The connection waits for a name server only if there are no addresses at all.
 */
export function connectLookup({ lookup = resolveBySystem, kept = nothingKept }: Names): LookupFunction {
  let known: readonly string[] = [];
  /** The attempt that asked last. Earlier attempts were given up. */
  let waiting: Answer | undefined;
  let isAsking = false;

  const answer: Answer = (error, addresses) => {
    const asked = waiting;
    waiting = undefined;
    asked?.(error, addresses);
  };
  const learn = (found: readonly string[]) => {
    const usable = found.filter((address) => isIP(address) !== 0);
    if (usable.length > 0) known = usable;
    if (known.length > 0) answer(null, known);
  };
  const ask = (host: string) => {
    if (isAsking) return;
    isAsking = true;
    lookup(host)
      .then(learn, () => answer(new NoAddress(host), []))
      .finally(() => {
        isAsking = false;
      });
  };

  return (host, options, found) => {
    waiting = (error, addresses) => {
      const all = addresses.map((address) => ({ address, family: isIP(address) }));
      if (options.all === true) found(error, all);
      else found(error, all[0]?.address ?? '', all[0]?.family);
    };
    ask(host);
    // Never within the call.
    if (known.length > 0) queueMicrotask(() => answer(null, known));
    else void kept(host).then((addresses) => known.length === 0 && learn(addresses));
  };
}

class NoAddress extends Error {
  readonly code = 'ENOTFOUND';

  constructor(host: string) {
    super(`no address is known for ${host}: check the name, and this machine's name server`);
  }
}
