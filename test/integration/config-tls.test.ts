import { generateKeyPairSync } from 'node:crypto';
import { chmodSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { SiteReading } from '../../gateway/config/accepted-settings.ts';
import { readSite } from '../../gateway/config/load.ts';
import { edited, KEYS, SITE, withSite } from '../unit/config/site-fixture.ts';

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
