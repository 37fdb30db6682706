import { isIP } from 'node:net';
import { networkInterfaces } from 'node:os';
import { addressKind, isBrokenAddress } from '../fields/address.ts';
import type { View } from '../read/view.ts';

const TNC_HINT = 'run the TNC on this machine, or let nobody but this machine reach its port';

/** An impossible address, or one that no host can have. */
export function checkHost(path: View): void {
  const host = path.text('host');
  if (host === undefined) return;
  if (isBrokenAddress(host)) {
    path.wrong('host', `${host} is not an address`, 'write four numbers from 0 to 255, such as 10.0.0.5, or a name');
  } else if (isIP(host) === 6 && isLinkLocal(host) && !host.includes('%')) {
    path.wrong(
      'host',
      `${host} is on one of this machine's networks, and does not say on which`,
      `write the network interface behind it, such as ${host}%eth0`,
    );
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

/**
 * The host is on another machine of a private network. `checkInClear` accepts such a host. A secret
 * that gives control over it is at risk even there.
 */
function isNearby(host: string | undefined): host is string {
  return host !== undefined && !isBrokenAddress(host) && addressKind(host) === 'private';
}

/**
 * Warns at `key` of a password that leaves this machine in clear, even within a private network.
 */
export function checkPasswordInClear(path: View, key: string, host: string | undefined, hint: string): void {
  if (isNearby(host)) path.warn(key, `the password would cross the network to ${host} in clear text`, hint);
}

/** Warns of a TNC on another machine: KISS has neither passwords nor encryption. */
export function checkOpenTnc(tnc: View): void {
  checkInClear(tnc, 'host', TNC_HINT);
  const host = tnc.text('host');
  if (!isNearby(host)) return;
  tnc.warn(
    'host',
    `whoever reaches the TNC at ${host} can transmit and forge acknowledgements, in clear text`,
    TNC_HINT,
  );
}

/** What two paths to the same receiver share. */
export function hostAndPort(path: View): string | undefined {
  const host = path.text('host');
  return host === undefined ? undefined : `${host.toLowerCase()} ${path.text('port')}`;
}

/** Two paths to one receiver over two networks share less than two over one. */
export function networkAndHost(path: View): string | undefined {
  const receiver = hostAndPort(path);
  const local = path.text('localAddress');
  return receiver === undefined || local === undefined ? receiver : `${receiver} ${local.toLowerCase()}`;
}

/**
 * IPv6 link-local: the same on each of a machine's networks, so it leads nowhere without an
 * interface.
 */
function isLinkLocal(address: string): boolean {
  return /^fe[89ab]/i.test(address);
}

/** A source address that is impossible, can't reach the host, or belongs to no interface. */
export function checkLocalAddress(path: View): void {
  const local = path.text('localAddress');
  if (local === undefined) return;
  const family = isIP(local);
  if (family === 0) {
    path.wrong('localAddress', `${local} is not an address`, 'write an address of this machine, such as 10.20.0.2');
    return;
  }
  const host = path.text('host') ?? '';
  if (isIP(host) !== 0 && isIP(host) !== family) {
    path.wrong(
      'localAddress',
      `from ${local} no message can get to ${host}: one is IPv4, the other IPv6`,
      `write an IPv${isIP(host)} address of this machine`,
    );
  } else if (addressKind(local) === 'loopback' && addressKind(host) !== 'loopback') {
    path.wrong('localAddress', `from ${local} no message leaves this machine`, `write ${orList(family, 'an address')}`);
  } else if (addressKind(local) !== 'loopback' && !own(family).includes(local.toLowerCase())) {
    path.warnOfMachine(
      'localAddress',
      `no interface of this machine has the address ${local} now`,
      `bring its network up, or write ${orList(family, 'one of its addresses')}`,
    );
  }
}

/** "one of: 10.0.0.2, 10.20.0.2", or a description of what to write. */
function orList(family: number, otherwise: string): string {
  const addresses = own(family);
  return addresses.length === 0 ? otherwise : `one of: ${addresses.join(', ')}`;
}

/** This machine's addresses of one family, without loopback and link-local ones. */
function own(family: number): string[] {
  const all = Object.values(networkInterfaces()).flatMap((entries) => entries ?? []);
  const wanted = `IPv${family}`;
  return all
    .filter((entry) => !entry.internal && entry.family === wanted)
    .map((entry) => entry.address.toLowerCase())
    .filter((address) => !isLinkLocal(address));
}
