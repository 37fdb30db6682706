import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readSite } from '../../../gateway/config/load.ts';
import { type Case, checkCase } from './mistake-case.ts';
import { edited, KEYS, mistakesOf, SECRETS, SITE, withSite } from './site-fixture.ts';

/** The sound site, its second path as given. */
const withBackup = (path: string): string =>
  edited(SITE, [SITE.slice(SITE.indexOf('  - id: backup'), SITE.indexOf('deadlines:')), path]);

const udp = (more = '', host = '10.0.1.5'): string =>
  withBackup(`  - id: backup
    driver: dc09-udp
    host: ${host}
    port: 7701
    account: 12E4
    encrypted: false
${more}`);

const tcp = (more = '', host = '10.0.1.5'): string => udp(more, host).replace('dc09-udp', 'dc09-tcp');

interface OnSite extends Omit<Case, 'edits'> {
  readonly site: string;
}

const CASES: readonly OnSite[] = [
  {
    promise: 'an area that has no two digits in Contact ID is refused',
    site: tcp('    area: 100\n'),
    at: '100\n',
    says: 'area',
    hint: '0 to 99',
  },
  {
    promise: 'a local address that can not be is refused',
    site: udp('    localAddress: 10.20.0.256\n'),
    at: '10.20.0.256',
    says: '10.20.0.256 is not an address',
    hint: '10.20.0.2',
  },
  {
    promise: 'an interface’s name for its address is refused',
    site: tcp('    localAddress: eth1\n'),
    at: 'eth1',
    says: 'localAddress',
    hint: 'an address of this machine, such as 10.20.0.2',
  },
  {
    promise: 'a local address of the other kind than the receiver’s is refused',
    site: udp('    localAddress: fd00::2\n'),
    at: 'fd00::2',
    says: 'one is IPv4, the other IPv6',
    hint: 'IPv4 address of this machine',
  },
  {
    promise: 'an IPv6 address of one network only is refused without the interface behind it',
    site: tcp('', 'fe80::5'),
    at: 'fe80::5',
    says: 'does not say on which',
    hint: 'such as fe80::5%eth0',
  },
  {
    promise: 'a loopback address to send to the network from is refused',
    site: tcp('    localAddress: 127.0.0.1\n'),
    at: '127.0.0.1\ndeadlines',
    says: 'no message leaves this machine',
    hint: 'write ',
  },
  {
    promise: 'a local address no interface has is warned of: its network may be down',
    site: udp('    localAddress: 10.255.255.254\n'),
    at: '10.255.255.254',
    says: 'no interface of this machine has the address 10.255.255.254 now',
    hint: 'bring its network up',
    severity: 'warning',
  },
  {
    promise: 'clear text over UDP across public networks is warned of',
    site: udp('', '8.8.8.8'),
    at: 'false\ndeadlines',
    says: 'in clear text',
    hint: 'encrypted: true',
    severity: 'warning',
  },
  {
    promise: 'clear text over TCP is told of TLS, too',
    site: tcp('', '8.8.8.8'),
    at: 'false\ndeadlines',
    says: 'in clear text',
    hint: 'tls: { ca: centre.pem }',
    severity: 'warning',
  },
  {
    promise: 'an authority’s file that does not exist is told',
    site: tcp('    tls: { ca: no-such.pem }\n'),
    at: 'no-such.pem',
    says: 'does not exist',
    hint: 'PEM file',
  },
  {
    promise: 'a certificate without its key is told',
    site: tcp('    tls: { certificate: no-such.pem }\n'),
    at: 'no-such.pem',
    says: 'there is a certificate and no key',
    hint: 'write key:',
  },
  {
    promise: 'a name of the receiver that can be none is refused',
    site: tcp('    tls: { serverName: https://centre }\n'),
    at: 'https://centre',
    says: 'serverName',
    hint: 'a host name',
  },
  {
    promise: 'tls that is no mapping is refused',
    site: tcp('    tls: true\n'),
    at: 'true\ndeadlines',
    says: 'tls',
    hint: '{ ca: centre.pem }',
  },
  {
    promise: 'TLS over UDP is refused: there is none',
    site: udp('    tls: { ca: no-such.pem }\n'),
    at: 'tls:',
    says: '"tls" is not known here',
    hint: 'write one of: id, driver',
  },
  {
    promise: 'resends that are no number of milliseconds are refused',
    site: udp('    resendMilliseconds: 1s\n'),
    at: '1s',
    says: 'resendMilliseconds',
    hint: 'from 100 to 10000 without quotes, such as 1000',
  },
  {
    promise: 'more messages at once than a receiver takes are refused',
    site: udp('    inFlight: 100\n'),
    at: '100\n',
    says: 'inFlight',
    hint: 'from 1 to 16',
  },
  {
    promise: 'a resend that comes when the answer is no longer waited for is warned of',
    site: udp('    resendMilliseconds: 4000\n'),
    at: '4000',
    says: 'not sent again within the 4 s',
    hint: 'resendMilliseconds: 1000',
    severity: 'warning',
  },
  {
    promise: 'an answer that is waited for so briefly that nothing is sent again is warned of',
    site: udp('    answerTimeoutSeconds: 0.5\n'),
    at: '0.5\ndeadlines',
    says: 'not sent again within the 0.5 s',
    hint: 'resendMilliseconds: 125',
    severity: 'warning',
  },
];

describe('DC-09 paths', () => {
  for (const { site, ...one } of CASES) test(one.promise, () => checkCase({ ...one, edits: [] }, { site, keys: KEYS }));

  test('over UDP, or from an address of this machine, nothing is wrong', () => {
    expect(mistakesOf({ site: udp(), keys: KEYS })).toEqual([]);
    expect(mistakesOf({ site: udp('    localAddress: 127.0.0.2\n', '127.0.0.1'), keys: KEYS })).toEqual([]);
  });

  test.each(['fe80::5%eth0', 'fd00::5', '::1', 'a-name-with-ipv6.lan'])('the host %s is taken', (host) => {
    for (const site of [tcp('', host), udp('', host)]) expect(mistakesOf({ site, keys: KEYS })).toEqual([]);
  });

  test('two paths to one receiver are warned of, but not when they leave by two networks', () => {
    const same = (first: string, second: string) =>
      mistakesOf({
        site: edited(
          udp(second, '127.0.0.1'),
          ['port: 7701', 'port: 7700'],
          ['host: 10.0.0.5\n', `host: 127.0.0.1\n${first}`],
        ),
        keys: KEYS,
      }).map(({ message }) => message);
    const local = (address: string) => `    localAddress: ${address}\n`;
    expect(same('', '')).toEqual([expect.stringContaining('leads to the same receiver')]);
    expect(same(local('127.0.0.2'), local('127.0.0.2'))).toEqual([expect.stringContaining('the same receiver')]);
    expect(same(local('127.0.0.2'), local('127.0.0.3'))).toEqual([]);
  });
});

describe('settings of DC-09 paths', () => {
  const fixture = (name: string) =>
    readFileSync(new URL(`../../integration/fixtures/${name}`, import.meta.url), 'utf8');
  const load = (site: string, more: Readonly<Record<string, string>> = {}) =>
    withSite({ site, keys: KEYS, more }, (file, directory) => {
      const { settings, mistakes } = readSite(file, join(directory, 'data'));
      expect(mistakes).toEqual([]);
      return settings;
    });

  test('a path over UDP with its defaults', () => {
    const settings = load(udp());
    expect(settings?.paths[1]).toEqual({
      driver: 'dc09-udp',
      id: 'backup',
      host: '10.0.1.5',
      port: 7701,
      account: '12E4',
      prefix: '0',
      receiver: '0',
      formats: ['SIA-DCS', 'ADM-CID'],
      timestamp: true,
      inFlight: 4,
      resendMs: 1000,
    });
    expect(settings?.site.paths[1]).toMatchObject({ parallel: 4, formats: 2, supervision: { mode: 'auto' } });
  });

  test('a path over UDP with a key, and everything else said', () => {
    const site = edited(
      udp('    localAddress: 127.0.0.2\n    inFlight: 2\n    resendMilliseconds: 250\n', '127.0.0.1'),
      ['id: backup', 'id: central'],
      [SITE.slice(SITE.indexOf('  - id: central'), SITE.indexOf('  - id: backup')), ''],
      ['    encrypted: false\n', ''],
    );
    const settings = load(site);
    expect(settings?.paths[0]).toMatchObject({ localAddress: '127.0.0.2', inFlight: 2, resendMs: 250 });
    expect(settings?.paths[0]).toHaveProperty('key', new Uint8Array(Buffer.from(SECRETS.central, 'hex')));
    expect(settings?.site.paths[0]?.parallel).toBe(2);
  });

  test('TLS with the authority’s, and our own, certificates; clear text within it is not warned of', () => {
    const tls = `    tls: { ca: ca.pem, certificate: own.pem, key: own.key, serverName: receiver.test }\n`;
    const more = {
      'ca.pem': fixture('dc09-ca.cert.pem'),
      'own.pem': fixture('dc09-gateway.cert.pem'),
      'own.key': fixture('dc09-gateway.key.pem'),
    };
    expect(load(tcp(tls, '8.8.8.8'), more)?.paths[1]).toMatchObject({
      driver: 'dc09-tcp',
      tls: {
        ca: more['ca.pem'],
        own: { certificate: more['own.pem'], key: more['own.key'] },
        serverName: 'receiver.test',
      },
    });
    expect(load(tcp('    tls: {}\n'))?.paths[1]).toMatchObject({ tls: {} });
    expect(load(tcp())?.paths[1]).not.toHaveProperty('tls');
  });
});
