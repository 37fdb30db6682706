import { addressKind, isBrokenAddress } from './address.ts';
import { Unique } from './unique.ts';
import type { View } from './view.ts';

/** Paths: duplicates, and links that strangers can read. That there is one at all is the schema's. */
export function checkPaths(site: View): void {
  const ids = new Unique('give each path a name of its own');
  const receivers = new Map<string, string>();
  for (const path of site.list('paths')) {
    ids.add(path, 'id', path.text('id'), `path ${path.text('id')}`);
    const supervision = path.child('supervision');
    if (supervision.text('mode') === 'off') {
      supervision.warn('mode', 'nobody would notice that this path is dead before it is needed', 'write mode: auto');
    }
    const host = path.text('host');
    if (host === undefined) continue;
    checkHost(path, host);
    const receiver = `${host.toLowerCase()} ${path.text('port')}`;
    const first = receivers.get(receiver);
    if (first === undefined) receivers.set(receiver, path.where('host'));
    else
      path.warn(
        'host',
        `the path at ${first} leads to the same receiver`,
        'a second path should not share what can break',
      );
  }
}

function checkHost(path: View, host: string): void {
  if (isBrokenAddress(host)) {
    path.wrong('host', `${host} is not an address`, 'write four numbers from 0 to 255, such as 10.0.0.5, or a name');
    return;
  }
  const kind = addressKind(host);
  if (kind === 'documentation') {
    path.warn(
      'host',
      `${host} is reserved for examples: no receiver answers there`,
      'write the address the monitoring centre gave you',
    );
  }
  if (kind === 'public' && path.flag('encrypted') === false) {
    path.warn(
      'encrypted',
      `alerts to ${host} would cross public networks in clear text`,
      'agree on a key with the centre and write encrypted: true',
    );
  }
}
