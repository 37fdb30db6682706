import { BlockList, isIP } from 'node:net';

/**
 * `loopback`, `private`, `documentation` (reserved for examples: nothing answers there) or
 * `public`.
 */
type AddressKind = 'loopback' | 'private' | 'documentation' | 'public';

const LOOPBACK = ['127.0.0.0/8', '::1/128'];
const PRIVATE = [
  '10.0.0.0/8',
  '172.16.0.0/12',
  '192.168.0.0/16',
  '169.254.0.0/16',
  '100.64.0.0/10',
  'fc00::/7',
  'fe80::/10',
];
/** RFC 5737 and RFC 3849. */
const DOCUMENTATION = ['192.0.2.0/24', '198.51.100.0/24', '203.0.113.0/24', '2001:db8::/32'];

/**
 * The kind of an address or host name, without DNS: a name that is not plainly local counts as
 * public.
 */
export function addressKind(host: string): AddressKind {
  // The interface of a link-local address (`%eth0`) does not belong to the address.
  const bare = host
    .replace(/^\[(.*)\]$/, '$1')
    .replace(/%.*$/, '')
    .toLowerCase();
  if (isIP(bare) === 0) return nameKind(bare);
  if (within(bare, LOOPBACK)) return 'loopback';
  if (within(bare, PRIVATE)) return 'private';
  return within(bare, DOCUMENTATION) ? 'documentation' : 'public';
}

function nameKind(name: string): AddressKind {
  if (name === 'localhost' || name.endsWith('.localhost')) return 'loopback';
  if (/(^|\.)(example|example\.(com|net|org)|invalid|test)\.?$/.test(name)) return 'documentation';
  return !name.includes('.') || /\.(local|lan|internal|home\.arpa)\.?$/.test(name) ? 'private' : 'public';
}

function within(address: string, networks: readonly string[]): boolean {
  const list = new BlockList();
  for (const network of networks) {
    const [base = '', bits = ''] = network.split('/');
    list.addSubnet(base, Number(bits), base.includes(':') ? 'ipv6' : 'ipv4');
  }
  return list.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4');
}

/**
 * True for text that looks like an address and is not one: 10.0.0.256. No host name consists of
 * digits only.
 */
export function isBrokenAddress(host: string): boolean {
  const bare = host.replace(/^\[(.*)\]$/, '$1');
  return isIP(bare) === 0 && (/^[\d.]+$/.test(bare) || bare.includes(':'));
}
