import { describe, expect, test } from 'vitest';
import { loadSettings } from '../../../gateway/config/load.ts';
import { type Case, checkCase } from './mistake-case.ts';
import { edited, KEYS, mistakesOf, SITE, withSite } from './site-fixture.ts';

const PSAP = `  - id: psap
    driver: sip
    target: sip:alarms@centre.net
    host: 10.0.0.9
    from: sip:gw-1@northfield.org
`;
const site = edited(SITE, ['deadlines:', `${PSAP}deadlines:`]);
const base = { site, keys: KEYS };

function settingsOf(...edits: readonly (readonly [string, string])[]) {
  return withSite(
    { site: edited(site, ...edits), keys: KEYS.replace('mqtt:', '  psap: secret of gw-1\nmqtt:') },
    (file, directory) => {
      const settings = loadSettings(file, directory);
      const facts = settings.site.paths.find(({ id }) => id === 'psap');
      return { path: settings.paths.find(({ id }) => id === 'psap'), facts };
    },
  );
}

test('the shortest sip path is sound: TLS, and what works', () => {
  expect(mistakesOf(base)).toEqual([]);
  const { path, facts } = withSite(base, (file, directory) => {
    const settings = loadSettings(file, directory);
    return { path: settings.paths[2], facts: settings.site.paths[2] };
  });
  expect(path).toMatchObject({ driver: 'sip', port: 5061, tls: {}, transactions: 8, connectTimeoutMs: 3000 });
  expect(path).not.toHaveProperty('account');
  expect(facts).toMatchObject({ formats: 2, parallel: 8, takesUpdates: true, attemptTimeoutMs: 4000 });
  expect(facts?.supervision).toMatchObject({ mode: 'null', intervalMs: 30_000 });
});

test('a user has a password, a path in clear its own port', () => {
  const { path } = settingsOf(['target: sip', 'user: gw-1\n    transport: tcp\n    target: sip']);
  expect(path).toMatchObject({ port: 5060, account: { user: 'gw-1', password: 'secret of gw-1' } });
  expect(path).not.toHaveProperty('tls');
});

test.each([
  'urn:service:sos',
  'urn:service:sos.police',
  'sips:alarms@centre.net',
  'sip:centre.net:5062;transport=tcp',
  'sip:alarms@[fd00::5]',
])('the target %s is taken', (target) => {
  expect(mistakesOf({ ...base, site: edited(site, ['sip:alarms@centre.net', target]) })).toEqual([]);
});

const CASES: readonly Case[] = [
  {
    promise: 'UDP is refused',
    edits: [['target: sip', 'transport: udp\n    target: sip']],
    at: 'udp',
    says: 'transport is "udp"',
    hint: 'tls, tcp',
  },
  {
    promise: 'a target that is no SIP URI is refused',
    edits: [['sip:alarms@centre.net', 'tel:112']],
    at: 'tel:112',
    says: 'target is',
    hint: 'urn:service:sos',
  },
  {
    promise: 'a sips: target in clear is refused',
    edits: [['sip:alarms@centre.net', 'sips:alarms@centre.net\n    transport: tcp']],
    at: 'tcp\n    host: 10.0.0.9',
    says: 'not to be called in clear',
    hint: 'transport: tls',
  },
  {
    promise: 'certificates without TLS are refused',
    edits: [
      ['sip:alarms@centre.net', 'sip:alarms@centre.net\n    transport: tcp\n    tls: { serverName: centre.net }'],
    ],
    at: '{ serverName',
    says: 'means nothing to transport: tcp',
    hint: 'transport: tls',
  },
  {
    promise: 'clear text over public networks is warned of',
    edits: [['host: 10.0.0.9', 'host: sip.centre.net\n    transport: tcp']],
    at: 'tcp\n    from',
    says: 'in clear text',
    hint: 'transport: tls',
    severity: 'warning',
  },
  {
    promise: 'a target that takes every alert for a test is warned of',
    edits: [['sip:alarms@centre.net', 'urn:service:test.sos']],
    at: 'urn:service:test.sos',
    says: 'takes every alert for a test',
    hint: 'urn:service:sos',
    severity: 'warning',
  },
  {
    promise: 'a sender without a name is refused',
    edits: [['sip:gw-1@northfield.org', 'northfield.org']],
    at: 'northfield.org',
    says: 'from is "northfield.org"',
    hint: 'sip:gw-1@northfield.example',
  },
];

describe('what is wrong with a sip path is said', () => {
  for (const one of CASES) test(one.promise, () => checkCase(one, base));

  test('a user without a password', () => {
    const found = mistakesOf({ ...base, site: edited(site, ['target: sip', 'user: gw-1\n    target: sip']) });
    expect(found).toContainEqual(expect.objectContaining({ message: 'there is no secret for path psap' }));
  });
});
