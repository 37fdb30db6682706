import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { type MadePair, madePair } from './support/made-certificates.ts';
import { WholeGateway } from './support/whole-gateway.ts';

const DAY_MS = 86_400_000;
let whole: WholeGateway | undefined;
afterEach(() => whole?.stop());

const authority = madePair({ subject: 'authority', notAfterMs: Date.now() + 3650 * DAY_MS });
const lasting = (subject: string, days: number) =>
  madePair({ subject, issuer: authority, notAfterMs: Date.now() + days * DAY_MS });

function writePair(directory: string, { certificate, key }: MadePair): void {
  writeFileSync(join(directory, 'own.pem'), certificate);
  writeFileSync(join(directory, 'own.key'), key, { mode: 0o600 });
}

test('the receiver is told of a certificate that ends, ours and its own, and of ours when it is renewed', async () => {
  const receiver = lasting('receiver', 5);
  whole = await WholeGateway.start({
    rooms: 1,
    path: '    tls: { ca: ca.pem, certificate: own.pem, key: own.key }',
    receiver: { tls: { certificate: receiver.certificate, key: receiver.key, ca: authority.certificate } },
    prepare: ({ directory }) => {
      writeFileSync(join(directory, 'ca.pem'), authority.certificate);
      writePair(directory, lasting('gw-test', 20));
    },
    gateway: { certificateCheckMs: 20 },
  });
  const { receiver: desk, site } = whole;
  const told = () => whole?.troublesDisplayed.filter((text) => /certificate/i.test(text)).sort() ?? [];
  await desk.until(() => told().length === 2);
  expect(told()).toEqual([
    expect.stringMatching(/^YX Our certificate for path central expires in less than 30 days \([0-9TZ:-]+\) \(\S+\)$/),
    expect.stringMatching(/^YX The certificate of the far end of path central expires in less than 7 days/),
  ]);
  expect(whole.details).toContainEqual(expect.stringMatching(/^renew own\.pem/));
  writePair(site.directory, lasting('gw-test', 365));
  await desk.until(() => told().length === 3);
  expect(told().find((text) => text.startsWith('YZ'))).toContain('Restored: Our certificate for path central');
  expect(whole.log.filter(({ event }) => event === 'certificate.renewed')).toHaveLength(1);
});
