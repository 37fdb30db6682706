import { addressKind, isBrokenAddress } from '../address.ts';
import type { View } from '../view.ts';

/** An address that can't be one, or that nobody has. */
export function checkHost(path: View): void {
  const host = path.text('host');
  if (host === undefined) return;
  if (isBrokenAddress(host)) {
    path.wrong('host', `${host} is not an address`, 'write four numbers from 0 to 255, such as 10.0.0.5, or a name');
  } else if (addressKind(host) === 'documentation') {
    path.warn(
      'host',
      `${host} is reserved for examples: no receiver answers there`,
      'write the address the monitoring centre gave you',
    );
  }
}

/** Warns at `key` if the path, which is not encrypted, leads over public networks. */
export function checkInClear(path: View, key: string, hint: string): void {
  const host = path.text('host');
  if (host === undefined || isBrokenAddress(host) || addressKind(host) !== 'public') return;
  path.warn(key, `alerts to ${host} would cross public networks in clear text`, hint);
}

/** What two paths to the same receiver have in common. */
export function hostAndPort(path: View): string | undefined {
  const host = path.text('host');
  return host === undefined ? undefined : `${host.toLowerCase()} ${path.text('port')}`;
}
