import { describe, expect, test } from 'vitest';
import { loadSettings } from '../../../gateway/config/load.ts';
import { type Case, checkCase } from './mistake-case.ts';
import { edited, KEYS, mistakesOf, SITE, withSite } from './site-fixture.ts';

const PATHS = `  - id: pagers
    driver: tap
    terminal: { port: /dev/tty }
    pagers: [5551212, "0042"]
  - id: server
    driver: snpp
    host: 10.0.0.9
    pagers: [ward-3]
deadlines:`;
const PAGING = edited(SITE, ['deadlines:', PATHS]);
const ON_TCP = ['{ port: /dev/tty }', '{ host: 10.0.0.7, port: 2001 }'] as const;
const TAP_SECRET = ['pagers: [5551212, "0042"]', 'pagers: [5551212]\n    password: true'] as const;
const SNPP_LOGIN = ['pagers: [ward-3]', 'pagers: [ward-3]\n    user: gateway\n    password: true'] as const;
const withKey = (line: string) => edited(KEYS, ['mqtt:', `  ${line}\nmqtt:`]);

function load(edits: readonly (readonly [string, string])[] = [], keys = KEYS) {
  return withSite({ site: edited(PAGING, ...edits), keys }, (file, directory) => {
    const { site, paths } = loadSettings(file, directory);
    const named = (id: string) => ({
      path: site.paths.find((path) => path.id === id),
      settings: paths.find((path) => path.id === id),
    });
    return { tap: named('pagers'), snpp: named('server') };
  });
}

describe('paths to pagers', () => {
  test('need a far end and pagers; nothing is wrong with them, and the rest has defaults', () => {
    expect(mistakesOf({ site: PAGING, keys: KEYS })).toEqual([]);
    const { tap, snpp } = load();
    expect(tap.settings).toEqual({
      driver: 'tap',
      id: 'pagers',
      line: { type: 'serial', port: '/dev/tty', baudRate: 9600, framing: '7E1' },
      pagers: ['5551212', '0042'],
      characters: 80,
      idPrompt: true,
      oneBlock: false,
      transactionsPerCall: 100,
    });
    expect(snpp.settings).toEqual({
      driver: 'snpp',
      id: 'server',
      host: '10.0.0.9',
      port: 444,
      pagers: ['ward-3'],
      characters: 80,
      connectTimeoutMs: 5_000,
    });
  });

  test('are treated as slow links: one call at a time, which is not broken off, and digests', () => {
    const { tap, snpp } = load([['pagers: [ward-3]', 'pagers: [ward-3]\n    characters: 240']]);
    const slow = { parallel: 1, formats: 1, yields: false, takesUpdates: false };
    expect(tap.path).toMatchObject({ ...slow, digest: { characters: 74 }, attemptTimeoutMs: 90_000 });
    expect(snpp.path).toMatchObject({ ...slow, digest: { characters: 234 }, attemptTimeoutMs: 60_000 });
    expect(tap.path?.supervision).toMatchObject({ mode: 'null', intervalMs: 900_000 });
  });

  test('over TCP, with the bits of the line, with secrets from keys.yaml', () => {
    expect(load([ON_TCP]).tap.settings).toMatchObject({
      line: { type: 'tcp', host: '10.0.0.7', port: 2001, connectTimeoutMs: 5_000 },
    });
    const bits = load([['{ port: /dev/tty }', '{ port: /dev/tty, baudRate: 1200, framing: 8N1 }']]);
    expect(bits.tap.settings).toMatchObject({ line: { baudRate: 1200, framing: '8N1' } });
    for (const framing of ['7E1', '8E1', '7E2']) {
      const written = load([['{ port: /dev/tty }', `{ port: /dev/tty, framing: ${framing} }`]]);
      // YAML reads 7E1 as 70.
      expect(written.tap.settings).toMatchObject({ line: { framing } });
    }
    const odd = load([
      ['{ port: /dev/tty }', '{ port: /dev/tty, framing: 7O1 }'],
      ['pagers: [5551212, "0042"]', 'pagers: [5551212]\n    idPrompt: false'],
    ]);
    expect(odd.tap.settings).toMatchObject({ line: { framing: '7O1' }, idPrompt: false });
    expect(load([TAP_SECRET], withKey('pagers: SECRET')).tap.settings).toMatchObject({ password: 'SECRET' });
    expect(load([SNPP_LOGIN], withKey('server: secret')).snpp.settings).toMatchObject({
      login: { user: 'gateway', password: 'secret' },
    });
    const tls = load([['host: 10.0.0.9', 'host: 10.0.0.9\n    tls: { serverName: pager.example }']]);
    expect(tls.snpp.settings).toMatchObject({ tls: { serverName: 'pager.example' } });
  });

  const cases: readonly Case[] = [
    {
      promise: 'no pager at all is refused',
      edits: [['[ward-3]', '[]']],
      at: '[]',
      says: 'pagers is an empty list',
      hint: 'at least one pager',
    },
    {
      promise: 'a pager named twice is told',
      edits: [['[5551212, "0042"]', '[5551212, 17, 5551212]']],
      at: '5551212]',
      says: '5551212 stands here twice',
      hint: 'remove',
    },
    {
      promise: 'a TCP port without a host is no serial port',
      edits: [['{ port: /dev/tty }', '{ port: 2001 }']],
      at: '2001',
      says: '2001 is not a serial port',
      hint: 'host',
    },
    {
      promise: 'a terminal with a host and a serial port is told',
      edits: [['{ port: /dev/tty }', '{ host: 10.0.0.7, port: /dev/tty }']],
      at: '/dev/tty',
      says: 'has a TCP port',
      hint: '2001',
    },
    {
      promise: 'a baud rate of a terminal on TCP is told',
      edits: [['{ port: /dev/tty }', '{ host: 10.0.0.7, port: 2001, baudRate: 1200 }']],
      at: '1200',
      says: 'no baudRate',
      hint: 'remove',
    },
    {
      promise: 'a port that may be another one tomorrow is refused',
      edits: [['/dev/tty }', '/dev/ttyUSB0 }']],
      at: '/dev/ttyUSB0',
      says: 'another port after a restart',
      hint: 'by-id',
    },
    {
      promise: 'a port that another driver uses is refused',
      edits: [['/dev/tty }', '/dev/null }']],
      at: '/dev/null }\n    pagers',
      says: 'this port',
      hint: 'its own',
    },
    {
      promise: 'a message too long for one block is told',
      edits: [['pagers: [5551212, "0042"]', 'pagers: [5551212]\n    oneBlock: true\n    characters: 250']],
      at: '250',
      says: 'does not fit one block',
      hint: 'at most 241',
    },
    {
      promise: 'pages over public networks are told',
      edits: [['host: 10.0.0.9', 'host: 8.8.8.8']],
      at: '8.8.8.8',
      says: 'in clear text',
      hint: 'tls',
      severity: 'warning',
    },
    {
      promise: 'tests that page people are told',
      edits: [['pagers: [ward-3]', 'pagers: [ward-3]\n    supervision: { mode: test }']],
      at: 'test }',
      says: 'pages everybody',
      hint: 'mode: null',
      severity: 'warning',
    },
    {
      promise: 'a password without a user is told',
      edits: [['pagers: [ward-3]', 'pagers: [ward-3]\n    password: true']],
      at: 'true\ndeadlines',
      says: 'no user',
      hint: 'user:',
    },
  ];
  for (const one of cases) test(one.promise, () => checkCase(one, { site: PAGING, keys: KEYS }));

  test.each([
    ['pagers', [ON_TCP, TAP_SECRET], true],
    ['pagers', [TAP_SECRET], false],
    ['server', [SNPP_LOGIN], true],
    ['server', [SNPP_LOGIN, ['host: 10.0.0.9', 'host: 10.0.0.9\n    tls: {}']], false],
    ['server', [SNPP_LOGIN, ['host: 10.0.0.9', 'host: 127.0.0.1']], false],
  ] as const)('a password of %s that leaves the machine in clear is warned of: %j, %s', (id, edits, warned) => {
    const keys = withKey(`${id}: open sesame`);
    const told = mistakesOf({ site: edited(PAGING, ...edits), keys }).map(({ message }) => message);
    expect(told).toEqual(warned ? [expect.stringContaining('the password would cross the network')] : []);
  });

  test('a password that is not in keys.yaml is missed', () => {
    const missed = mistakesOf({ site: edited(PAGING, TAP_SECRET), keys: KEYS });
    expect(missed).toMatchObject([{ file: 'keys.yaml', message: expect.stringContaining('pagers') }]);
  });
});
