import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { afterEach, describe, expect, test } from 'vitest';
import { freePort } from '../../device-sim/demo/free-port.ts';
import type { PathSettings } from '../../gateway/config/settings.ts';
import type { CertificateReading } from '../../gateway/core/certificate.ts';
import type { Outcome } from '../../gateway/core/report.ts';
import { LiveCertificates } from '../../gateway/live-certificates.ts';
import type { Dc09Settings } from '../../gateway/paths/dc09/settings.ts';
import type { SipSettings } from '../../gateway/paths/sip/settings.ts';
import type { WebhookSettings } from '../../gateway/paths/webhook/settings.ts';
import type { CertificateSource } from '../../gateway/system/certificate-files.ts';
import { alarm, places } from '../unit/cap/cap-reports.ts';
import { createStand as createHttpsStand, SECRET } from './cap-rig.ts';
import { settingsFor as dc09SettingsFor } from './dc09-rig.ts';
import { createStand as createDc09Stand } from './dc09-stand.ts';
import { embedded, World } from './mqtt-harness.ts';
import { createSipStand, attemptOf as sipAttempt, settingsFor as sipSettingsFor } from './sip-rig.ts';
import { type MadePair, madePair } from './support/made-certificates.ts';
import { Waiting } from './support/waiting.ts';

const DAY_MS = 86_400_000;
const cleanups: (() => unknown)[] = [];
const stands = { sip: createSipStand(), https: createHttpsStand(), dc09: createDc09Stand() };
afterEach(async () => {
  while (cleanups.length > 0) await cleanups.pop()?.();
  for (const stand of Object.values(stands)) await stand.close();
});

/** All certificates and keys of a link, from one authority. */
interface Generation {
  readonly authority: MadePair;
  readonly receiver: MadePair;
  readonly gateway: MadePair;
}

function generation(receiverDays = 365): Generation {
  const authority = madePair({ subject: `authority ${receiverDays}`, notAfterMs: Date.now() + 3650 * DAY_MS });
  const receiver = madePair({
    subject: 'receiver',
    issuer: authority,
    notAfterMs: Date.now() + receiverDays * DAY_MS,
  });
  return { authority, receiver, gateway: madePair({ subject: 'gw-1', issuer: authority }) };
}

const old = generation(20);
const renewed = generation();

/** The receiver's certificate, and the authority that it accepts for ours. */
const receiverTls = ({ authority, receiver }: Generation) => ({
  certificate: receiver.certificate,
  key: receiver.key,
  ca: authority.certificate,
});

/** The files of a path, old at first, and the part of the gateway that renews them. */
function onDisk(of: string, withCa = true) {
  const directory = mkdtempSync(join(tmpdir(), 'callpoint-renewed-'));
  cleanups.push(() => rmSync(directory, { recursive: true }));
  const write = ({ authority, gateway }: Generation) => {
    writeFileSync(join(directory, 'ca.pem'), authority.certificate);
    writeFileSync(join(directory, 'own.pem'), gateway.certificate);
    writeFileSync(join(directory, 'own.key'), gateway.key, { mode: 0o600 });
  };
  write(old);
  const file = (written: string, text: string) => ({ written, path: join(directory, written), text });
  const source: CertificateSource = {
    ...{ of, name: of.replace('.', ' ') },
    ...(withCa ? { ca: file('ca.pem', old.authority.certificate) } : {}),
    certificate: file('own.pem', old.gateway.certificate),
    key: file('own.key', old.gateway.key),
  };
  const readings: CertificateReading[] = [];
  const events: string[] = [];
  const waiting = new Waiting();
  const live = new LiveCertificates(
    { sources: [source], farEnds: [of] },
    {
      read: (reading) => {
        readings.push(reading);
        waiting.check();
      },
      renewBroker: () => undefined,
      log: (_level, event) => {
        events.push(event);
        waiting.check();
      },
      nowWallMs: Date.now,
      checkMs: 5,
    },
  );
  cleanups.push(() => live.stop());
  live.start();
  const { certificate, key } = old.gateway;
  const tls = { ca: old.authority.certificate, own: { certificate, key } };
  const renew = async () => {
    write(renewed);
    await waiting.until('renewed files', () => events.includes('certificate.renewed'));
  };
  const farEnd = async () => {
    const is = ({ role }: CertificateReading) => role === 'farEnd';
    await waiting.until('what the far end shows', () => readings.some(is));
    return readings.findLast(is);
  };
  return { live, tls, readings, renew, farEnd };
}

/** The first attempts after the receiver's return may meet closed connections. */
async function deliver(send: (attempt: number) => Promise<Outcome>, from: number): Promise<number> {
  for (let attempt = from; attempt < from + 20; attempt++) {
    if ((await send(attempt)).type === 'receiverAcknowledged') return attempt;
  }
  throw new Error('not delivered');
}

type Path = 'sip' | 'webhook' | 'dc09';

/** Starts a receiver of that kind on the port. Resolves with the function that closes it. */
async function receive(path: Path, port: number, tls: ReturnType<typeof receiverTls>) {
  if (path === 'sip') return stands.sip.receiverWith({ port, tls });
  if (path === 'dc09') return stands.dc09.receiverWith({ port, tls });
  return stands.https.inbox({ port, tls: { certificate: tls.certificate, key: tls.key, clientCa: tls.ca } });
}

/** Sends an alarm on the path of that kind. */
function sender(path: Path, port: number, wrap: (settings: PathSettings) => PathSettings, tls: SipSettings['tls']) {
  if (tls === undefined) throw new Error('these paths are over TLS');
  if (path === 'sip') {
    const rig = stands.sip.rigWith(wrap(sipSettingsFor(port, { id: 'central', tls })) as SipSettings);
    return (attempt: number) => rig.send(sipAttempt(attempt));
  }
  if (path === 'dc09') {
    const rig = stands.dc09.rigWith(wrap(dc09SettingsFor(port, { id: 'central', tls })) as Dc09Settings);
    return (attempt: number) => rig.send({ attempt });
  }
  const endpoint = { url: `https://127.0.0.1:${port}/`, connections: 2, connectTimeoutMs: 1_000, tls };
  const settings = {
    ...({ driver: 'webhook', id: 'central', secret: SECRET, places, acknowledges: 'delivery' } as const),
    endpoint,
  };
  const rig = stands.https.webhook({}, wrap(settings) as WebhookSettings);
  return () => rig.send(alarm);
}

describe('a pair and an authority that are renewed on disk', () => {
  test.each<Path>(['sip', 'webhook', 'dc09'])('are used by a %s path from its next connection on', async (path) => {
    const port = await freePort();
    const { live, tls, renew, farEnd } = onDisk('path.central');
    const before = await receive(path, port, receiverTls(old));
    const send = sender(path, port, (settings) => live.path(settings), tls);
    const attempts = await deliver(send, 1);
    const met = await farEnd();
    expect(Math.round(((met?.notAfterMs ?? 0) - Date.now()) / DAY_MS)).toBe(20);
    await before.close();
    await receive(path, port, receiverTls(renewed));
    expect(await send(attempts + 1)).toMatchObject({ type: 'failed' });
    await renew();
    await deliver(send, attempts + 2);
    expect(Math.round((((await farEnd())?.notAfterMs ?? 0) - Date.now()) / DAY_MS)).toBe(365);
  });

  test('of the embedded broker prove it to the inputs that read it', async () => {
    const { live, renew } = onDisk('mqtt', false);
    const input = live.input({
      ...({ driver: 'mqtt', id: 'zigbee', url: 'mqtts://127.0.0.1:8883', devices: [], outputs: [] } as const),
      ca: old.gateway.certificate,
    });
    await renew();
    expect(input).toMatchObject({ ca: renewed.gateway.certificate });
  });

  test('are told with their ends, at the start and when they are taken', async () => {
    const { readings, renew } = onDisk('path.central');
    expect(readings.map(({ role, file }) => [role, file])).toEqual([
      ['authority', 'ca.pem'],
      ['own', 'own.pem'],
    ]);
    await renew();
    expect(readings).toHaveLength(4);
  });
});

describe('the embedded broker', () => {
  test('shows a renewed certificate on the next connection; those that stand go on', async () => {
    const world = await new World(
      embedded({ tls: { certificate: old.receiver.certificate, key: old.receiver.key } }),
    ).up();
    cleanups.push(() => world.stop());
    const shown = (ca: string) =>
      new Promise<string>((resolve, reject) => {
        const socket = connect({ port: world.port, host: '127.0.0.1', ca }, () => {
          resolve(socket.getPeerCertificate().fingerprint256);
          cleanups.push(() => socket.destroy());
        });
        socket.on('error', reject);
      });
    const first = await shown(old.authority.certificate);
    const { certificate, key } = renewed.receiver;
    world.link.renew({ own: { certificate, key } });
    await expect
      .poll(() => shown(renewed.authority.certificate).catch(() => first), { timeout: 15_000 })
      .not.toBe(first);
  });
});
