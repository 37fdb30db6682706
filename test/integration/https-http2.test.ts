import { once } from 'node:events';
import { createServer } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { alarm } from '../unit/cap/cap-reports.ts';
import { acknowledged, certificates, createStand } from './cap-rig.ts';

const stand = createStand();
afterEach(stand.close);

test('a server that offers HTTP/2 only is named as such, and taken once it offers HTTP/1.1', async () => {
  const inbox = await stand.inbox({ tls: certificates.server });
  await inbox.behave({ type: 'http2Only' });
  const rig = stand.cap({ url: `https://127.0.0.1:${inbox.port}/`, tls: { ca: certificates.authority } });
  for (const outcome of [await rig.send(alarm), await rig.poll()]) {
    const detail = expect.stringMatching(
      /^127\.0\.0\.1:\d+: it offers no HTTP\/1\.1, perhaps HTTP\/2 only: .*\(ERR_SSL_/,
    );
    expect(outcome).toMatchObject({ type: 'failed', reason: 'refused', detail });
  }
  await inbox.behave({ type: 'normal' });
  expect(await rig.send(alarm)).toEqual(acknowledged);
});

test('a server that speaks HTTP/2 unasked is named as such', async () => {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const rig = stand.cap({ url: `http://127.0.0.1:${port}/` });
  const outcome = await rig.send(alarm);
  server.close();
  expect(outcome).toMatchObject({ type: 'failed', detail: expect.stringContaining('HTTP/2 only') });
});
