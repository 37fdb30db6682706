import { lookup } from 'node:dns';
import type { LookupFunction } from 'node:net';

type Found = Parameters<LookupFunction>[2];

/**
 * Looks a broker's name up, never twice at once: a look-up that hangs holds one of libuv's four threads, and must not be joined by
 * others. Its answer goes to whoever asked last; attempts before that have been given up.
 */
export function oneLookup(): LookupFunction {
  let asking: Found | undefined;
  return (host, options, found) => {
    const isRunning = asking !== undefined;
    asking = found;
    if (isRunning) return;
    lookup(host, options, (error, address, family) => {
      const answer = asking;
      asking = undefined;
      answer?.(error, address, family);
    });
  };
}
