import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import type { ReceiverTls } from '../../device-sim/receiver/receiver.ts';
import type { TlsSettings } from '../../gateway/paths/tls-settings.ts';
import { attemptOf, settingsFor } from './dc09-rig.ts';
import { acknowledged, createStand, settle } from './dc09-stand.ts';

const stand = createStand();
afterEach(stand.close);
const { receiverWith, rigWith, listening } = stand;

/**
 * A private authority, the receiver's certificate for the name `receiver.test`, and one for the
 * gateway. They are valid until 2125.
 */
const pem = (name: string) => readFileSync(new URL(`fixtures/dc09-${name}.pem`, import.meta.url), 'utf8');
const ca = pem('ca.cert');
const theirs: ReceiverTls = { certificate: pem('receiver.cert'), key: pem('receiver.key') };
const own = { certificate: pem('gateway.cert'), key: pem('gateway.key') };
const stranger = {
  certificate: readFileSync(new URL('fixtures/mqtt-tls.cert.pem', import.meta.url), 'utf8'),
  key: readFileSync(new URL('fixtures/mqtt-tls.key.pem', import.meta.url), 'utf8'),
};
const proper: TlsSettings = { ca, serverName: 'receiver.test' };

/** Makes a driver and a receiver with TLS. */
async function overTls(tls: TlsSettings, receiverTls: ReceiverTls = theirs, key?: Buffer) {
  const account = { account: '1234', ...(key && { key }) };
  const receiver = await receiverWith({ tls: receiverTls, accounts: [account] });
  const rig = rigWith(settingsFor(receiver.port, { tls, connectTimeoutMs: 5000, ...(key && { key }) }));
  return { receiver, rig };
}

describe('a receiver that proves its name', () => {
  test.each([
    ['plain', undefined],
    ['encrypted', Buffer.alloc(16, 'K')],
  ])('gets alarms over TLS, %s within it', async (_how, key) => {
    const { receiver, rig } = await overTls(proper, theirs, key);
    expect(await rig.send({ attempt: 1 })).toEqual(acknowledged);
    expect(receiver.displayed).toMatchObject([{ code: 'HA', encrypted: key !== undefined }]);
  });

  test('a warm send is written before the call returns; a storm goes through, each once', async () => {
    const { receiver, rig } = await overTls(proper);
    await receiver.until((one) => one.connections === 1);
    await rig.send({ attempt: 1 });
    rig.driver.send(attemptOf(2));
    expect(rig.sent.map((one) => one.attempt)).toEqual([1, 2]);
    await Promise.all(Array.from({ length: 100 }, (_, index) => rig.send({ attempt: index + 3 })));
    expect(receiver.events).toHaveLength(102);
    expect(receiver.displayed).toHaveLength(102);
  });

  test('that closes is connected to again', async () => {
    const { receiver, rig } = await overTls(proper);
    expect(await rig.send({ attempt: 1 })).toEqual(acknowledged);
    await receiver.behave({ type: 'refuse' });
    await settle();
    expect(await rig.send({ attempt: 2 })).toMatchObject({ type: 'failed', reason: 'unreachable' });
    await receiver.behave({ type: 'normal' });
    expect(await rig.send({ attempt: 3 })).toEqual(acknowledged);
  });

  test('and asks for ours gets it', async () => {
    const { receiver, rig } = await overTls({ ...proper, own }, { ...theirs, ca });
    expect(await rig.send({ attempt: 1 })).toEqual(acknowledged);
    expect(receiver.displayed).toHaveLength(1);
  });
});

describe('a far end that does not', () => {
  const cases: readonly [string, TlsSettings, RegExp][] = [
    ['is from an authority we do not know', { serverName: 'receiver.test' }, /not from an authority we know.*tls: ca/],
    ['has a certificate for another name', { ca, serverName: 'other.test' }, /for another name.*tls: serverName/],
    ['has a certificate without its address', { ca }, /for another name/],
  ];

  test.each(cases)('and %s is refused, and gets not a byte of the alarm', async (_how, tls, words) => {
    const { receiver, rig } = await overTls(tls);
    const outcome = await rig.send({ attempt: 1 });
    expect(outcome).toMatchObject({ type: 'failed', reason: 'refused', detail: expect.stringMatching(words) });
    expect(rig.sent).toEqual([]);
    expect(receiver.events).toEqual([]);
  });

  test('and speaks no TLS is refused', async () => {
    const server = createServer((socket) => {
      socket.on('error', () => socket.destroy()).resume();
      socket.write('220 pager terminal\r\n');
    });
    const rig = rigWith(settingsFor(await listening(server), { tls: proper }));
    const outcome = await rig.send({ attempt: 1 });
    expect(outcome).toMatchObject({ reason: 'refused', detail: expect.stringContaining('does not speak TLS') });
  });

  test('and never ends the handshake is unreachable', async () => {
    const server = createServer((socket) => void socket.on('error', () => socket.destroy()).resume());
    const rig = rigWith(settingsFor(await listening(server), { tls: proper, connectTimeoutMs: 700 }));
    const outcome = await rig.send({ attempt: 1 });
    expect(outcome).toMatchObject({ reason: 'unreachable', detail: expect.stringContaining('the TLS handshake') });
  });

  test('a receiver that asks for our certificate and gets none says so', async () => {
    const { receiver, rig } = await overTls(proper, { ...theirs, ca });
    const outcome = await rig.send({ attempt: 1 });
    expect(outcome).toMatchObject({ reason: 'refused', detail: expect.stringMatching(/certificate of ours/) });
    expect(receiver.events).toEqual([]);
  });

  test('a receiver that does not know our certificate closes, which is told', async () => {
    const { receiver, rig } = await overTls({ ...proper, own: stranger }, { ...theirs, ca });
    const outcome = await rig.send({ attempt: 1 });
    expect(outcome).toMatchObject({ type: 'failed', detail: expect.stringMatching(/does it .*know (our|this)/) });
    expect(receiver.events).toEqual([]);
  });
});

test('a certificate of ours that is damaged fails attempts, and says so', async () => {
  const damaged = { ...own, certificate: own.certificate.replace(/\n[^-]/, '\n!') };
  const { rig } = await overTls({ ...proper, own: damaged });
  const outcome = await rig.send({ attempt: 1 });
  expect(outcome).toMatchObject({ reason: 'refused', detail: expect.stringContaining('under tls: can') });
});
