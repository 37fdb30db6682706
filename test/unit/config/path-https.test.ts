import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { loadSettings } from '../../../gateway/config/load.ts';
import { type Case, checkCase } from './mistake-case.ts';
import { edited, KEYS, mistakesOf, SITE, withSite } from './site-fixture.ts';

const CAP = `  - id: cap
    driver: cap
    url: https://alerts.centre.net/inbox?site=7
    sender: gw-1@northfield.net
    auth: bearer
`;
const WEBHOOK = `  - { id: hook, driver: webhook, url: "http://127.0.0.1:8080/hook" }
`;
const TOKEN = 'a-token-of-the-centre';
const site = edited(SITE, ['deadlines:', `${CAP}${WEBHOOK}deadlines:`]);
const keys = edited(KEYS, ['  central:', `  cap: ${TOKEN}\n  hook: "a line: of random text, 8Kq3zWv1"\n  central:`]);

function paths(...edits: readonly (readonly [string, string])[]) {
  const settings = withSite({ site: edited(site, ...edits), keys }, (file) => loadSettings(file, '/d'));
  return { paths: settings.paths.slice(2), site: settings.site.paths.slice(2) };
}

test('sound paths bring no mistake', () => {
  expect(mistakesOf({ site, keys })).toEqual([]);
});

test('what is not written has defaults that work', () => {
  const { paths: settings, site: facts } = paths();
  expect(settings).toMatchObject([
    {
      driver: 'cap',
      id: 'cap',
      endpoint: {
        url: 'https://alerts.centre.net/inbox?site=7',
        connections: 4,
        connectTimeoutMs: 3000,
        redirects: 0,
        headers: { authorization: `Bearer ${TOKEN}` },
      },
      source: {
        sender: 'gw-1@northfield.net',
        language: 'en-US',
        scope: { type: 'Restricted', restriction: 'For those who answer alarms' },
        places: { site: 'Northfield School', gateway: 'gw-1' },
      },
    },
    { driver: 'webhook', id: 'hook', secret: 'a line: of random text, 8Kq3zWv1', endpoint: { headers: {} } },
  ]);
  for (const path of facts) expect(path).toMatchObject({ parallel: 4, formats: 1, takesUpdates: true, yields: true });
  expect(facts[0]?.supervision).toMatchObject({ mode: 'null', intervalMs: 60_000 });
});

test('a basic password goes with its user name', () => {
  const { paths: settings } = paths(['auth: bearer', 'auth: basic\n    user: gw-1']);
  const authorization = `Basic ${Buffer.from(`gw-1:${TOKEN}`).toString('base64')}`;
  expect(settings[0]).toMatchObject({ endpoint: { headers: { authorization } } });
});

test('a webhook proves itself by a password of its own, headers and a proxy’s password', () => {
  const hook = `url: "https://hooks.centre.net/hook", auth: digest, user: gw-1, redirects: 3,
      headers: [{ name: X-Tenant, value: northfield }, { name: X-Api-Key }],
      proxy: { url: "http://10.0.0.1:3128", user: school }`;
  const more = edited(keys, [
    '  central:',
    '  hook.auth: the password\n  hook.headers.X-Api-Key: k-12345\n  hook.proxy: of the proxy\n  central:',
  ]);
  const written = edited(site, ['url: "http://127.0.0.1:8080/hook"', hook]);
  expect(mistakesOf({ site: written, keys: more })).toEqual([]);
  const settings = withSite({ site: written, keys: more }, (file) => loadSettings(file, '/d'));
  expect(settings.paths[3]).toMatchObject({
    secrets: ['the password', 'k-12345'],
    endpoint: {
      account: { user: 'gw-1', password: 'the password' },
      headers: { 'X-Tenant': 'northfield', 'X-Api-Key': 'k-12345' },
      redirects: 3,
      proxy: { url: 'http://10.0.0.1:3128', account: { user: 'school', password: 'of the proxy' } },
    },
  });
});

test('a secret beside the path’s own is asked for by its name', () => {
  const hook = 'url: "https://hooks.centre.net/hook", headers: [{ name: X-Api-Key }]';
  const found = mistakesOf({ site: edited(site, ['url: "http://127.0.0.1:8080/hook"', hook]), keys });
  expect(found).toMatchObject([{ file: 'keys.yaml', hint: expect.stringContaining('hook.headers.X-Api-Key:') }]);
});

test('what an acknowledgement looks like is read as it is written', () => {
  const expects = (written: string) => {
    const { paths: settings } = paths(['8080/hook"', `8080/hook", expect: ${written}`]);
    return settings[1];
  };
  expect(expects('{ status: [200, 201] }')).toMatchObject({ expect: { statuses: [200, 201] } });
  expect(expects('{ text: "1" }')).toMatchObject({ expect: { text: '1' } });
  for (const [written, value] of [
    ['true', 'true'],
    ['1', '1'],
    ['"accepted"', 'accepted'],
  ]) {
    expect(expects(`{ json: { member: result.ok, value: ${written} } }`)).toMatchObject({
      expect: { member: { names: ['result', 'ok'], value } },
    });
  }
});

test('without `acknowledges` nothing is decided of 202', () => {
  expect(paths().paths[1]).not.toHaveProperty('acknowledges');
  expect(paths(['8080/hook"', '8080/hook", acknowledges: delivery']).paths[1]).toMatchObject({
    acknowledges: 'delivery',
  });
});

test('addresses make messages private', () => {
  const { paths: settings } = paths(['auth: bearer', 'auth: bearer\n    addresses: ["sip:desk@centre.net", The desk]']);
  expect(settings[0]).toMatchObject({
    source: { scope: { type: 'Private', addresses: ['sip:desk@centre.net', 'The desk'] } },
  });
});

test('without authentication there is no secret, and no header', () => {
  const open = edited(site, ['    auth: bearer\n', '']);
  const without = edited(keys, [`  cap: ${TOKEN}\n`, '']);
  expect(mistakesOf({ site: open, keys: without })).toEqual([]);
  const settings = withSite({ site: open, keys: without }, (file) => loadSettings(file, '/d'));
  expect(settings.paths[2]).toMatchObject({ endpoint: { headers: {} } });
});

test('certificates are read, and the name in the server’s may be another', () => {
  const pem = (name: string) =>
    readFileSync(new URL(`../../integration/fixtures/https-${name}.pem`, import.meta.url), 'utf8');
  const more = { 'ca.pem': pem('ca'), 'own.pem': pem('client.cert'), 'own.key': pem('client.key') };
  const tls = 'tls: { ca: ca.pem, certificate: own.pem, key: own.key, serverName: inbox.centre.net }';
  const settings = withSite({ site: edited(site, ['auth: bearer', `auth: bearer\n    ${tls}`]), keys, more }, (file) =>
    loadSettings(file, '/d'),
  );
  expect(settings.paths[2]).toMatchObject({
    endpoint: {
      tls: {
        ca: more['ca.pem'],
        own: { certificate: more['own.pem'], key: more['own.key'] },
        serverName: 'inbox.centre.net',
      },
    },
  });
});

const URL_WRITTEN = 'https://alerts.centre.net/inbox?site=7';
const CASES: readonly Case[] = [
  {
    promise: 'alerts never cross a network over http',
    edits: [[URL_WRITTEN, 'http://10.0.0.5/inbox']],
    at: 'http://10.0.0.5',
    says: 'can be read, forged',
    hint: 'https://',
  },
  {
    promise: 'a host that can not be is refused',
    edits: [[URL_WRITTEN, 'https://10.0.0.256/inbox']],
    at: 'https://10.0.0.256',
    says: 'not a URL',
    hint: 'https://',
  },
  {
    promise: 'another scheme is refused',
    edits: [[URL_WRITTEN, 'ftp://centre.net/inbox']],
    at: 'ftp://',
    says: 'ftp://centre.net/inbox',
    hint: 'begins with https://',
  },
  {
    promise: 'a password in the URL is refused',
    edits: [[URL_WRITTEN, 'https://gw:secret@centre.net/inbox']],
    at: 'https://gw:',
    says: 'user name or password',
    hint: 'keys.yaml',
  },
  {
    promise: 'an example is no server',
    edits: [[URL_WRITTEN, 'https://alerts.example.com/']],
    at: 'https://alerts.example.com/',
    says: 'reserved for examples',
    hint: 'you were given',
    severity: 'warning',
  },
  {
    promise: 'a sender that CAP can not carry is refused',
    edits: [['gw-1@northfield.net', '"gw 1, northfield"']],
    at: '"gw 1, northfield"',
    says: 'gw 1, northfield',
    hint: 'without space, comma',
  },
  {
    promise: 'basic needs a user name',
    edits: [['auth: bearer', 'auth: basic']],
    at: 'basic\n  - { id: hook',
    says: 'needs a user name',
    hint: 'user:',
  },
  {
    promise: 'a user name alone does nothing',
    edits: [['auth: bearer', 'auth: bearer\n    user: gw-seven']],
    at: 'gw-seven',
    says: 'auth: basic and auth: digest only',
    hint: 'auth: basic',
  },
  {
    promise: 'digest needs a user name',
    edits: [['auth: bearer', 'auth: digest']],
    at: 'digest\n  - { id: hook',
    says: 'auth: digest needs a user name',
    hint: 'user:',
  },
  {
    promise: 'what expects nothing is a mistake',
    edits: [['8080/hook"', '8080/hook", expect: {}']],
    at: '{} }',
    says: 'expects nothing',
    hint: 'status:, json: or text:',
  },
  {
    promise: 'only an answer of success can be expected',
    edits: [['8080/hook"', '8080/hook", expect: { status: [500] }']],
    at: '500',
    says: '500',
    hint: 'from 200 to 299',
  },
  {
    promise: 'Authorization is no header of the site’s own',
    edits: [['8080/hook"', '8080/hook", headers: [{ name: authorization, value: x }]']],
    at: 'authorization',
    says: 'made from auth:',
    hint: 'auth: bearer',
  },
  {
    promise: 'what the gateway sets can’t be set',
    edits: [['8080/hook"', '8080/hook", headers: [{ name: Content-Length, value: "5" }]']],
    at: 'Content-Length',
    says: 'set by the gateway',
    hint: 'remove',
  },
  {
    promise: 'a header is written once',
    edits: [['8080/hook"', '8080/hook", headers: [{ name: X-A, value: a }, { name: x-a, value: b }]']],
    at: 'x-a',
    says: 'written twice',
    hint: 'one of the two',
  },
  {
    promise: 'a line break can’t end a header',
    edits: [['8080/hook"', '8080/hook", headers: [{ name: X-A, value: "a\\r\\nX-B: b" }]']],
    at: '"a\\r',
    says: 'X-B',
    hint: 'printable ASCII',
  },
  {
    promise: 'a secret in site.yaml is warned of',
    edits: [['8080/hook"', '8080/hook", headers: [{ name: X-Api-Key, value: abc }]']],
    at: 'abc',
    says: 'seems to be a secret',
    hint: 'hook.headers.X-Api-Key:',
    severity: 'warning',
  },
  {
    promise: 'a proxy is of no use for this machine',
    edits: [['8080/hook"', '8080/hook", proxy: { url: "http://10.0.0.1:3128" }']],
    at: '{ url: "http://10.0.0.1',
    says: 'not reached through a proxy',
    hint: 'https://',
  },
  {
    promise: 'a proxy is an address and a port',
    edits: [['auth: bearer', 'auth: bearer\n    proxy: { url: "socks://10.0.0.1:1080" }']],
    at: '"socks://',
    says: 'socks://',
    hint: 'http://10.0.0.1:3128',
  },
  {
    promise: 'a proxy’s password stands in no URL',
    edits: [['auth: bearer', 'auth: bearer\n    proxy: { url: "http://a:b@10.0.0.1:3128" }']],
    at: '"http://a:b@',
    says: 'user name or password',
    hint: 'cap.proxy:',
  },
  {
    promise: 'how a proxy’s password is proved needs a user',
    edits: [['auth: bearer', 'auth: bearer\n    proxy: { url: "http://10.0.0.1:3128", auth: digest }']],
    at: 'digest }',
    says: 'needs a user name',
    hint: 'user:',
  },
  {
    promise: 'redirects have an end',
    edits: [['8080/hook"', '8080/hook", redirects: 50']],
    at: '50 }',
    says: '50',
    hint: 'from 0 to 5',
  },
  {
    promise: 'private and restricted exclude each other',
    edits: [['auth: bearer', 'auth: bearer\n    addresses: [desk]\n    restriction: For the desk']],
    at: 'For the desk',
    says: 'not both',
    hint: 'remove one',
  },
  {
    promise: 'TLS settings for http do nothing',
    edits: [['url: "http://127.0.0.1:8080/hook" }', 'url: "http://127.0.0.1:8080/hook", tls: { serverName: x } }']],
    at: '{ serverName: x }',
    says: 'no TLS over http',
    hint: 'remove tls:',
  },
  {
    promise: 'two paths to one server share what can break',
    edits: [['http://127.0.0.1:8080/hook', 'https://ALERTS.centre.net:443/other']],
    at: '{ id: hook',
    says: 'leads to the same receiver',
    hint: 'should not share',
    severity: 'warning',
  },
];

describe('paths over HTTPS, held against themselves', () => {
  for (const one of CASES) test(one.promise, () => checkCase(one, { site, keys }));
});

test('a webhook signs with nothing short or simple', () => {
  for (const weak of ['"only-short-one"', '"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"']) {
    const found = mistakesOf({ site, keys: edited(keys, ['"a line: of random text, 8Kq3zWv1"', weak]) });
    expect(found).toEqual([expect.objectContaining({ hint: expect.stringContaining('openssl rand') })]);
  }
});

test('the secret of a webhook that is missing is one to make, not one that was given', () => {
  const found = mistakesOf({ site, keys: edited(keys, ['"a line: of random text, 8Kq3zWv1"', '']) });
  const without = mistakesOf({ site, keys: keys.replace(/.*8Kq3zWv1.*\n/, '') });
  for (const mistakes of [found, without]) {
    expect(mistakes).toEqual([expect.objectContaining({ hint: expect.stringContaining('openssl rand -base64 24') })]);
  }
});

test('a missing secret is asked for, and a secret is never quoted', () => {
  const without = edited(keys, [`  cap: ${TOKEN}\n`, '']);
  const [mistake] = mistakesOf({ site, keys: without });
  expect(mistake).toMatchObject({ file: 'keys.yaml', message: expect.stringContaining('path cap') });
  const bad = edited(keys, [TOKEN, '"kläre"']);
  const found = mistakesOf({ site, keys: bad });
  expect(found).toHaveLength(1);
  expect(JSON.stringify(found)).not.toContain('kläre');
});

test('a proxy’s password in clear is warned of', () => {
  const proxy = 'proxy: { url: "http://10.0.0.1:3128", user: school, auth: basic }';
  const found = mistakesOf({
    site: edited(site, ['auth: bearer', `auth: bearer\n    ${proxy}`]),
    keys: edited(keys, ['  central:', '  cap.proxy: of the proxy\n  central:']),
  });
  expect(found).toMatchObject([{ severity: 'warning', message: expect.stringContaining('in clear text') }]);
});

test('what the page shows of it has no mistake', () => {
  const page = readFileSync(new URL('../../../hardware/links/web-and-sip/README.md', import.meta.url), 'utf8');
  const block = /<!-- https-settings -->([\s\S]*)<!-- \/https-settings -->/.exec(page)?.[1] ?? '';
  const [shown = '', secrets = ''] = [...block.matchAll(/```yaml\n([\s\S]*?)```/g)].map(([, text = '']) => text);
  expect(shown).toContain('expect:');
  const lines = secrets.replace(/^paths:\n/, '').replace(/<[^>]*>/g, 'kG3vX0q8Yb2Rr5Tn7Uw9Za1C');
  const pageSite = edited(SITE, ['deadlines:', `${shown}deadlines:`]);
  expect(mistakesOf({ site: pageSite, keys: edited(KEYS, ['  central:', `${lines}  central:`]) })).toEqual([]);
});
