import type { Socket } from 'node:dgram';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { type AddressInfo, connect, type Server } from 'node:net';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import { type Dc09Message, encodeMessage } from '../../protocol/dc09/message.ts';
import {
  attemptOf,
  baseReport,
  pollOf,
  type Rig,
  settingsFor,
  startRig,
  udpSettingsFor,
} from '../integration/dc09-rig.ts';
import { Waiting } from '../integration/support/waiting.ts';
import { WholeGateway } from '../integration/support/whole-gateway.ts';
import { counterpart } from './required.ts';

/** iobroker.sia 2.0.4 (MIT), an independent DC-09 receiver; the class alone, without ioBroker. */
const module = fileURLToPath(new URL('./node_modules/iobroker.sia/build/lib/sia.js', import.meta.url));
const installed = existsSync(module);
const { skip, title } = counterpart('iobroker.sia 2.0.4', installed, 'npm ci --prefix test/interop --ignore-scripts');

/** What iobroker.sia makes of a message. */
interface SiaMessage {
  readonly id: string;
  readonly seq: string;
  readonly act: string;
  readonly data_message: string;
  readonly data_extended: string;
  readonly ts: string;
}

interface SiaReceiver {
  readonly servertcp: Server;
  readonly serverudp: Socket;
  setAccounts(accounts: readonly object[]): void;
  serverStartTCP(): void;
  serverStartUDP(): void;
  on(event: 'sia', listener: (message: SiaMessage | undefined, error: string | undefined) => void): void;
  on(event: 'error', listener: (error: string) => void): void;
}

type Transport = 'tcp' | 'udp';

interface Counterpart {
  readonly ports: Readonly<Record<Transport, number>>;
  readonly messages: readonly SiaMessage[];
  readonly errors: readonly string[];
}

const cleanups: (() => Promise<unknown> | unknown)[] = [];
afterEach(async () => {
  while (cleanups.length > 0) await cleanups.pop()?.();
});

interface StartedCounterpart extends Counterpart {
  /** For keys that are made later than the receiver. */
  useKey(hex: string): void;
  /** It accepts this account without encryption, and no other. */
  useAccount(account: string): void;
  /** Resolves when it has told of a message that meets the condition. */
  until(met: (message: SiaMessage) => boolean): Promise<void>;
}

async function startCounterpart(key?: Buffer): Promise<StartedCounterpart> {
  const { sia: Sia } = createRequire(import.meta.url)(module) as { sia: new (options: object) => SiaReceiver };
  const receiver = new Sia({ timeout: 40, host: '127.0.0.1', port: 0 });
  const messages: SiaMessage[] = [];
  const errors: string[] = [];
  const told = new Waiting();
  receiver.on('sia', (message, error) => {
    if (message !== undefined) messages.push(message);
    if (error !== undefined) errors.push(error);
    told.check();
  });
  receiver.on('error', (error) => errors.push(error));
  const useKey = (hex: string) =>
    receiver.setAccounts([{ accountnumber: '1234', aes: hex !== '', hex: true, password: hex }]);
  const useAccount = (accountnumber: string) =>
    receiver.setAccounts([{ accountnumber, aes: false, hex: true, password: '' }]);
  useKey(key?.toString('hex') ?? '');
  receiver.serverStartTCP();
  await once(receiver.servertcp, 'listening');
  cleanups.push(() => receiver.servertcp.close());
  receiver.serverStartUDP();
  await once(receiver.serverudp, 'listening');
  cleanups.push(() => receiver.serverudp.close());
  const until = (met: (message: SiaMessage) => boolean) =>
    told.until(
      'a message',
      () => messages.some(met),
      () => messages,
    );
  const ports = {
    tcp: (receiver.servertcp.address() as AddressInfo).port,
    udp: receiver.serverudp.address().port,
  };
  return { ports, messages, errors, useKey, useAccount, until };
}

function startDriver({ ports }: Counterpart, over: Transport, key?: Buffer): Rig {
  const more = key === undefined ? {} : { key };
  const rig = startRig(
    over === 'tcp' ? settingsFor(ports.tcp, more) : udpSettingsFor(ports.udp, { ...more, resendMs: 1000 }),
  );
  cleanups.push(() => rig.driver.stop());
  return rig;
}

describe.skipIf(skip)(title, () => {
  beforeAll(() => {
    if (!installed) throw new Error(title);
  });

  const keys: readonly [string, Buffer | undefined][] = [
    ['plain', undefined],
    ['AES-128', Buffer.from('ABCDABCDABCDABCD')],
    ['AES-192', Buffer.from('ABCDEFGH12345678ABCDEFGH')],
    ['AES-256', Buffer.from('0123456789ABCDEF0123456789ABCDEF')],
  ];

  const overBoth = (['tcp', 'udp'] as const).flatMap((over) => keys.map(([name, key]) => [over, name, key] as const));

  test.each(overBoth)('acknowledges SIA-DCS over %s, %s, and reads what was sent', async (over, _name, key) => {
    const counterpart = await startCounterpart(key);
    const rig = startDriver(counterpart, over, key);
    expect(await rig.send({ attempt: 1, sequence: 42, report: baseReport })).toEqual({ type: 'receiverAcknowledged' });
    expect(counterpart.errors).toEqual([]);
    expect(counterpart.messages).toMatchObject([
      {
        id: key === undefined ? 'SIA-DCS' : '*SIA-DCS',
        seq: '0042',
        act: '1234',
        data_message: `#1234|Nri1/HA101^${baseReport.text} (${baseReport.id})^`,
        data_extended: 'H03:04:05,01-02-2026',
        ts: expect.stringMatching(/^\d\d:\d\d:\d\d,\d\d-\d\d-\d{4}$/),
      },
    ]);
  });

  test.each(overBoth)('acknowledges ADM-CID over %s, %s, and reads all of it', async (over, _name, key) => {
    const counterpart = await startCounterpart(key);
    const rig = startDriver(counterpart, over, key);
    expect(await rig.send({ attempt: 1, format: 1, report: baseReport })).toEqual({ type: 'receiverAcknowledged' });
    expect(counterpart.messages).toMatchObject([
      {
        id: key === undefined ? 'ADM-CID' : '*ADM-CID',
        act: '1234',
        data_message: '#1234|1122 01 101',
        data_extended: `I${baseReport.text} 2026-01-02 03:04:05Z (${baseReport.id})`,
        ts: expect.stringMatching(/^\d\d:\d\d:\d\d,\d\d-\d\d-\d{4}$/),
      },
    ]);
  });

  test('takes many alerts over kept-open connections, each once', async () => {
    const counterpart = await startCounterpart();
    const rig = startDriver(counterpart, 'tcp');
    const all = Array.from({ length: 200 }, (_, index) => rig.send({ attempt: index + 1 }));
    expect(await Promise.all(all)).toEqual(all.map(() => ({ type: 'receiverAcknowledged' })));
    expect(new Set(counterpart.messages.map((message) => message.seq)).size).toBe(200);
    expect(counterpart.messages).toHaveLength(200);
  });

  test('takes many alerts over UDP, four under way at once', async () => {
    const counterpart = await startCounterpart();
    const rig = startDriver(counterpart, 'udp');
    for (let first = 1; first < 200; first += 4) {
      const four = [0, 1, 2, 3].map((more) => rig.send({ attempt: first + more }));
      expect(await Promise.all(four)).toEqual(four.map(() => ({ type: 'receiverAcknowledged' })));
    }
    expect(new Set(counterpart.messages.map((message) => message.seq)).size).toBe(200);
  });

  test.each(overBoth.filter(([, name]) => name === 'plain' || name === 'AES-128'))(
    'refuses NULL with NAK (%s, %s), and takes an alarm under way beside it, and the next one',
    async (over, _name, key) => {
      const counterpart = await startCounterpart(key);
      const rig = startDriver(counterpart, over, key);
      rig.driver.send(pollOf(1));
      rig.driver.send(attemptOf(2));
      const outcome = await rig.outcome(1);
      expect(outcome.type).toBe('wrongTime');
      const time = outcome.type === 'wrongTime' ? (outcome.receiverTimeMs ?? 0) : 0;
      expect(Math.abs(time - Date.now())).toBeLessThan(5000);
      expect(await rig.outcome(2)).toEqual({ type: 'receiverAcknowledged' });
      expect(await rig.send({ attempt: 3 })).toEqual({ type: 'receiverAcknowledged' });
    },
  );

  test.each(['tcp', 'udp'] as const)(
    'refuses an unknown account with a NAK whose time is right, in each format (%s)',
    async (over) => {
      const counterpart = await startCounterpart();
      counterpart.useAccount('9999');
      const rig = startDriver(counterpart, over);
      for (const format of [0, 1]) {
        const outcome = await rig.send({ format });
        const time = outcome.type === 'wrongTime' ? (outcome.receiverTimeMs ?? 0) : 0;
        expect(Math.abs(time - Date.now())).toBeLessThan(5000);
      }
      expect(counterpart.messages).toEqual([]);
    },
  );

  test('loses time stamp and second block when there are two: why one block is all that is sent', async () => {
    const counterpart = await startCounterpart();
    const message: Dc09Message = {
      token: 'ADM-CID',
      sequence: 1,
      receiver: '0',
      prefix: '0',
      account: '1234',
      data: '#1234|1122 01 101',
      xdata: ['H03:04:05,01-02-2026', 'IIntruder (wb-101.5.17)'],
      timestampMs: Date.now(),
    };
    const socket = connect(counterpart.ports.tcp, '127.0.0.1');
    cleanups.push(() => socket.destroy());
    socket.write(encodeMessage(message));
    await new Promise((resolve) => socket.once('data', resolve));
    expect(counterpart.messages).toMatchObject([{ data_extended: 'H03:04:05,01-02-2026', ts: '' }]);
  });

  test.each([
    ['plain', false],
    ['encrypted', true],
  ])(
    'takes a press on the wire from the whole gateway, %s, and the wall shows that it did',
    async (_name, encrypted) => {
      const theirs = await startCounterpart();
      const prepare = (site: { readonly pathKey: string }) => theirs.useKey(encrypted ? site.pathKey : '');
      const whole = await WholeGateway.start({ encrypted, receiverPort: theirs.ports.tcp, prepare });
      cleanups.push(() => whole.stop());
      await whole.ready();
      const id = whole.press('wb-101');
      const alert = await whole.mqtt.acknowledged(id);
      expect(alert).toMatchObject({ not_confirmed: false, paths: { central: { state: 'acknowledged', attempts: 1 } } });
      await whole.led('wb-101', 'green');
      const ours = theirs.messages.filter((message) => message.data_message.includes(id));
      expect(ours).toMatchObject([
        {
          id: encrypted ? '*SIA-DCS' : 'SIA-DCS',
          act: '1234',
          data_message: `#1234|NMA201^Medical, Main building, First floor, Rm 101 Office (${id})^`,
        },
      ]);
      // It refuses NULL, so the path is proved by test events.
      await theirs.until((message) => message.data_message.includes('TEST: periodic test'));
      for (const error of theirs.errors) expect(error).toMatch(/^Incorrect format of data message/);
    },
  );
});
