import { isIP } from 'node:net';
import type { Lookup } from './addresses.ts';

/** From an IPv4 address only IPv4 addresses of a host can be reached, and likewise for IPv6. */
export function reachableFrom(localAddress: string | undefined, lookup: Lookup): Lookup {
  if (localAddress === undefined) return lookup;
  const family = isIP(localAddress);
  return async (host) => (await lookup(host)).filter((address) => isIP(address) === family);
}

/** Why nothing could be sent to `address`, from the operating system's error code. */
export function unreachableDetail(address: string, localAddress: string | undefined, code: string): string {
  return localAddress !== undefined && code === 'EADDRNOTAVAIL'
    ? `can't send from localAddress ${localAddress}: this machine does not have it now, is its network up?`
    : `${address} can't be reached (${code})`;
}
