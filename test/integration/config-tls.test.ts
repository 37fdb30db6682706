import { generateKeyPairSync } from 'node:crypto';
import { chmodSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { SiteReading } from '../../gateway/config/accepted-settings.ts';
import { readSite } from '../../gateway/config/load.ts';
import { edited, KEYS, SITE, withSite } from '../unit/config/site-fixture.ts';
import { madePair } from './support/made-certificates.ts';

const fixture = (name: string) => readFileSync(new URL(`fixtures/${name}`, import.meta.url), 'utf8');
const certificate = fixture('mqtt-tls.cert.pem');
const key = fixture('mqtt-tls.key.pem');
const site = edited(SITE, [
  'listen: 127.0.0.1:0',
  'listen: 0.0.0.0:8883\n  tls: { certificate: cert.pem, key: key.pem }',
]);

function read(pem: { certificate: string; key: string }, keyMode = 0o600): SiteReading {
  return withSite(
    { site, keys: KEYS, more: { 'cert.pem': pem.certificate, 'key.pem': pem.key } },
    (file, directory) => {
      chmodSync(join(directory, 'key.pem'), keyMode);
      return readSite(file, '/d');
    },
  );
}

const messages = ({ mistakes }: SiteReading) => mistakes.map(({ message }) => message);

test('a broker beyond this machine is accepted with a certificate and its key', () => {
  const { settings, mistakes } = read({ certificate, key });
  expect(mistakes).toEqual([]);
  expect(settings?.mqtt.broker).toMatchObject({ host: '0.0.0.0', port: 8883, tls: { certificate, key } });
});

test('a private key that belongs to another certificate is refused', () => {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const other = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  expect(messages(read({ certificate, key: other }))).toEqual(['the private key does not belong to the certificate']);
});

test('a damaged certificate is refused without being quoted', () => {
  const damaged = certificate.replace(/\n[^-]/, '\n!');
  const reading = read({ certificate: damaged, key });
  expect(messages(reading)).toEqual(['the certificate or its key is damaged or needs a passphrase']);
});

test('a private key every user can read is refused, one a group can read is not', () => {
  const [mistake, ...more] = read({ certificate, key }, 0o644).mistakes;
  expect(mistake).toMatchObject({
    code: 'KEYS_EXPOSED',
    hint: expect.stringMatching(/^run: chmod o-rwx \/.+\/key\.pem$/),
  });
  expect(more).toEqual([]);
  expect(read({ certificate, key }, 0o640).mistakes).toEqual([]);
});

describe('our own pair of a path', () => {
  const path = edited(SITE, ['driver: dc09-tcp', 'driver: dc09-tcp\n    tls: { certificate: cert.pem, key: key.pem }']);
  const damaged = certificate.replace(/\n[^-]/, '\n!');

  test.each([
    ['damaged', { certificate: damaged, key }, /damaged/],
    ['cut off in the first line', { certificate: certificate.slice(0, 9), key }, /holds no certificate/],
    ['empty', { certificate, key: '' }, /holds no private key/],
    ['of two pairs', { certificate, key: madePair({ subject: 'other' }).key }, /does not belong/],
  ])('that is %s is warned of, and keeps no other path from starting', (_, pem, message) => {
    const files = { 'cert.pem': pem.certificate, 'key.pem': pem.key };
    const reading = withSite({ site: path, keys: KEYS, more: files }, (file, directory) => {
      chmodSync(join(directory, 'key.pem'), 0o600);
      return readSite(file, '/d');
    });
    expect(reading.mistakes.map(({ severity }) => severity)).not.toContain('error');
    expect(messages(reading)).toContainEqual(expect.stringMatching(message));
    expect(reading.settings?.certificates.sources).toHaveLength(1);
  });
});

describe('a certificate that ends', () => {
  const DAY_MS = 86_400_000;
  const endingIn = (days: number) => madePair({ subject: 'gw-1', notAfterMs: Date.now() + (days + 0.5) * DAY_MS });

  test.each([
    [-1, /^the certificate ended on 20\d\d-\d\d-\d\d$/],
    [0, /^the certificate ends on .*, in 0 days$/],
    [1, /in 1 day$/],
    [29, /in 29 days$/],
  ])('in %d days is warned of, and refuses nothing', (days, message) => {
    const { mistakes, settings } = read(endingIn(days));
    expect(mistakes).toMatchObject([{ severity: 'warning', message: expect.stringMatching(message) }]);
    expect(settings).toBeDefined();
  });

  test('later is not spoken of', () => {
    expect(read(endingIn(31)).mistakes).toEqual([]);
  });

  test.each([
    ['one that ends', [endingIn(3)], /^the certificate ends on .*, in 3 days$/],
    ['a new one beside one that has ended', [endingIn(-3), endingIn(300)], undefined],
    ['one that is damaged', [{ certificate: certificate.replace(/\n[^-]/, '\n!') }], /is damaged$/],
  ])('of an authority: a file with %s', (_, all, message) => {
    const broker = edited(SITE, ['broker: embedded', 'broker: mqtts://broker.example\n  ca: ca.pem']);
    const external = broker.replace(/^ {2}listen:.*\n {2}clients:\n(?: {4}.*\n)+/m, '');
    const more = { 'ca.pem': all.map((one) => one.certificate).join('') };
    const mistakes = withSite({ site: external, keys: KEYS, more }, (file) => readSite(file, '/d').mistakes);
    const ofCa = mistakes.filter((mistake) => /certificate/.test(mistake.message));
    expect(ofCa.map(({ severity }) => severity)).toEqual(message === undefined ? [] : ['warning']);
    if (message !== undefined) expect(ofCa[0]?.message).toMatch(message);
  });
});
