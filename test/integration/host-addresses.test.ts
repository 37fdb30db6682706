import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { existsSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import pino from 'pino';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { freePort } from '../../device-sim/demo/free-port.ts';
import { type Receiver, startReceiver } from '../../device-sim/receiver/receiver.ts';
import { epochNow, readSite } from '../../device-sim/site/site-file.ts';
import { SiteSimulator } from '../../device-sim/site/site-simulator.ts';
import { loadSettings } from '../../gateway/config/load.ts';
import type { PathSettings } from '../../gateway/config/settings.ts';
import type { Outcome } from '../../gateway/core/report.ts';
import { realEdges, startGateway } from '../../gateway/gateway.ts';
import { DownCounters } from '../../gateway/inputs/button-bus/down-counters.ts';
import type { Lookup, Names } from '../../gateway/names/names.ts';
import { openNames } from '../../gateway/names/open-names.ts';
import type { PathDriver, PathSink } from '../../gateway/paths/path-driver.ts';
import { places, source } from '../unit/cap/cap-reports.ts';
import { attemptOf, settingsFor as dc09, udpSettingsFor } from './dc09-rig.ts';
import { SUBJECTS } from './hostile-subjects.ts';
import { settingsFor as radio } from './radio-rig.ts';
import { settingsFor as sip } from './sip-rig.ts';
import { RecordingSink } from './support/recording-sink.ts';
import { type SmallSite, smallSite } from './support/small-site.ts';
import { Waiting } from './support/waiting.ts';
import { tapSettings } from './tap-rig.ts';

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  while (cleanups.length > 0) await cleanups.pop()?.();
});

const HOST = 'far.callpoint.test';
const never: Lookup = () => new Promise(() => undefined);
const names = { lookup: never, kept: async () => ['127.0.0.1'] };

const NOBODY = { sent: () => undefined, outcome: () => undefined };
const connectTimeoutMs = 5_000;
const pages = { pagers: ['5551212'], characters: 80 };
const desk = (port: number, host: string) => {
  const url = `http://${host.includes(':') ? `[${host}]` : host}:${port}/`;
  return { id: 'desk', endpoint: { url, connections: 1, connectTimeoutMs } };
};

/** Every driver that opens a connection to a host. */
const LINKS: readonly [driver: string, settings: (port: number, host: string) => PathSettings][] = [
  ['dc09-tcp', (port, host) => dc09(port, { host })],
  ['sip', (port, host) => sip(port, { host })],
  ['cap', (port, host) => ({ driver: 'cap', source, ...desk(port, host) })],
  ['webhook', (port, host) => ({ driver: 'webhook', secret: 'a secret', places, ...desk(port, host) })],
  ['snpp', (port, host) => ({ driver: 'snpp', id: 'snpp', host, port, connectTimeoutMs, ...pages })],
  ['tap', (port, host) => tapSettings({ type: 'tcp', host, port, connectTimeoutMs })],
  ['radio', (port, host) => radio({ host, port })],
];

/** Accepts connections and does not answer. */
async function listening(
  address = '127.0.0.1',
): Promise<{ readonly port: number; readonly connected: Promise<unknown> }> {
  const server = createServer((socket) => {
    socket.on('error', () => socket.destroy());
    cleanups.push(() => socket.destroy());
  });
  server.listen(0, address);
  cleanups.push(() => server.close());
  await once(server, 'listening');
  return { port: (server.address() as AddressInfo).port, connected: once(server, 'connection') };
}

async function pathDriver(settings: PathSettings, sink: PathSink, known: Names): Promise<PathDriver> {
  await realEdges.load({ inputs: [], paths: [settings] });
  return realEdges.path(settings, sink, known);
}

describe('each link that is given by name reaches its far end by the kept address while the name server hangs', () => {
  test.each(LINKS)('%s', async (_driver, settings) => {
    const { port, connected } = await listening();
    const driver = await pathDriver(settings(port, HOST), NOBODY, names);
    driver.start();
    cleanups.push(() => driver.stop());
    // These drivers connect for each attempt, once the stored addresses have been read.
    await names.kept();
    driver.send(attemptOf(1));
    await connected;
  });

  test('dc09-udp', async () => {
    const socket = createSocket('udp4').bind(0, '127.0.0.1');
    cleanups.push(() => socket.close());
    await once(socket, 'listening');
    const driver = await pathDriver(udpSettingsFor(socket.address().port, { host: HOST }), NOBODY, names);
    driver.start();
    cleanups.push(() => driver.stop());
    await names.kept();
    driver.send(attemptOf(1));
    await once(socket, 'message');
  });

  test('devices that speak MQTT', async () => {
    const { port, connected } = await listening();
    const settings = { driver: 'mqtt', id: 'zigbee', url: `mqtt://${HOST}:${port}`, devices: [], outputs: [] } as const;
    await realEdges.load({ inputs: [settings], paths: [] });
    const driver = realEdges.input(
      settings,
      { number: 1, downCounters: new DownCounters(() => true) },
      new RecordingSink(),
      names,
    );
    driver.start();
    cleanups.push(() => driver.stop());
    await connected;
  });

  test('a broker that is not ours', async () => {
    const { port, connected } = await listening();
    // A name needs TLS. Reaching the handshake is sufficient.
    const broker = { type: 'external', url: `mqtts://${HOST}:${port}` } as const;
    const nothing = () => undefined;
    const sink = {
      published: nothing,
      health: nothing,
      command: nothing,
      strain: nothing,
      openAlerts: () => [].values(),
    };
    const link = realEdges.startMqtt({ gateway: 'gw-test', broker }, 1, sink, { names });
    cleanups.push(() => link.stop());
    await connected;
  });
});

describe('a host with several addresses', () => {
  const ipv6 = Object.values(networkInterfaces()).some((all) => all?.some(({ address }) => address === '::1'));

  test.skipIf(!ipv6).each(LINKS)('%s: IPv6 alone will do, by name or literal', async (_driver, settings) => {
    for (const host of [HOST, '::1']) {
      const { port, connected } = await listening('::1');
      const driver = await pathDriver(settings(port, host), NOBODY, { lookup: async () => ['::1'] });
      driver.start();
      cleanups.push(() => driver.stop());
      await new Promise((resolve) => setImmediate(resolve));
      driver.send(attemptOf(1));
      await connected;
    }
  });

  const answering = SUBJECTS.flatMap((subject) =>
    LINKS.filter(([driver]) => driver === subject.name && driver !== 'radio').map(
      ([driver, settings]) => [driver, settings, subject] as const,
    ),
  );

  test.each(answering)(
    '%s: one that accepts and never answers is left for the next',
    async (_name, settings, subject) => {
      const deaf = await listening('127.0.0.2');
      const well = createServer((socket) => {
        cleanups.push(() => socket.destroy());
        socket.on('error', () => socket.destroy());
        if (subject.greeting !== undefined) socket.write(subject.greeting);
        const answers = subject.answers();
        socket.on('data', (chunk: Buffer) => answers(chunk).map((answer) => socket.write(answer)));
      }).listen(deaf.port, '127.0.0.1');
      cleanups.push(() => well.close());
      const outcomes: Outcome[] = [];
      const waiting = new Waiting();
      const outcome = (_path: string, _attempt: number, one: Outcome) => {
        outcomes.push(one);
        waiting.check();
      };
      const lookup = async () => ['127.0.0.2', '127.0.0.1'];
      const driver = await pathDriver(settings(deaf.port, HOST), { ...NOBODY, outcome }, { lookup });
      driver.start();
      cleanups.push(() => driver.stop());
      await new Promise((resolve) => setImmediate(resolve));
      const isDelivered = () => outcomes.some(({ type }) => type === 'receiverAcknowledged' || type === 'handedOver');
      for (let attempt = 1; attempt <= 10 && !isDelivered(); attempt++) {
        driver.send(attemptOf(attempt));
        const before = outcomes.length;
        const inTime = waiting.until('an outcome', () => outcomes.length > before, undefined, 100);
        await inTime.catch(() => driver.abandon(attempt));
      }
      expect(isDelivered()).toBe(true);
    },
  );

  test('of the other kind than the local address says so', async () => {
    const outcome = vi.fn();
    const settings = dc09(9, { host: HOST, localAddress: '127.0.0.1' });
    const driver = await pathDriver(settings, { ...NOBODY, outcome }, { lookup: async () => ['::1'] });
    driver.start();
    cleanups.push(() => driver.stop());
    await new Promise((resolve) => setImmediate(resolve));
    driver.send(attemptOf(1));
    await vi.waitFor(() => expect(outcome).toHaveBeenCalled());
    expect(outcome.mock.calls[0]?.[2]).toMatchObject({ detail: expect.stringContaining('has no IPv4 address') });
  });
});

describe('a gateway that starts before its router', () => {
  interface Around {
    readonly site: SmallSite;
    readonly receiver: Receiver;
    readonly log: string[];
    /** Runs a gateway with this name lookup. */
    run(lookup: Lookup): Promise<() => Promise<void>>;
    /** Presses a button and waits until the wall shows that the receiver has it. */
    press(device: string): Promise<void>;
  }

  async function around(): Promise<Around> {
    const receiverPort = await freePort();
    const site = await smallSite({ receiverPort, host: HOST });
    cleanups.push(() => site.remove());
    const far = readSite(site.file, epochNow());
    const receiver = await startReceiver({ port: receiverPort, accounts: far.accounts });
    cleanups.push(() => receiver.close());
    const simulator = new SiteSimulator(far, 1);
    cleanups.push(() => simulator.stop());
    const leds = new Waiting();
    simulator.onLed(() => leds.check());
    const log: string[] = [];
    const logger = pino({ base: null, messageKey: 'event' }, { write: (line) => void log.push(line) });
    return {
      site,
      receiver,
      log,
      run: async (lookup) => {
        const edges: typeof realEdges = {
          ...realEdges,
          openNames: (data, notice) => openNames(data, notice, { lookup, stop: () => undefined }),
        };
        const settings = loadSettings(site.file, site.data);
        const gateway = await startGateway(settings, logger, edges, { dataDirectory: site.data });
        cleanups.push(() => gateway.stop());
        return () => gateway.stop();
      },
      press: async (device) => {
        simulator.press(device, 'button-2', 'single');
        simulator.release(device, 'button-2');
        await leds.until(
          `${device} green`,
          () => simulator.led(device) === 'green',
          () => simulator.led(device),
        );
      },
    };
  }

  test('sends a press to the receiver it last knew, at once', async () => {
    const { site, run, press, receiver } = await around();
    const stop = await run(async () => ['127.0.0.1']);
    await press('wb-101');
    await stop();
    expect(existsSync(join(site.data, 'addresses.json'))).toBe(true);
    await run(never);
    await press('wb-102');
    expect(receiver.displayed.filter(({ code }) => code === 'MA')).toHaveLength(2);
  });

  test('starts with kept addresses that are no longer right, or damaged, and uses the fresh answer', async () => {
    const { site, run, press, log } = await around();
    const stop = await run(async () => ['127.0.0.1']);
    await press('wb-101');
    await stop();
    const file = join(site.data, 'addresses.json');
    // Nothing listens there.
    writeFileSync(file, JSON.stringify({ version: 1, hosts: { [HOST]: ['127.0.0.77'] } }));
    const stopAgain = await run(async () => ['127.0.0.1']);
    await press('wb-102');
    await stopAgain();
    writeFileSync(file, '{"version":1,"hosts":{"far');
    await run(async () => ['127.0.0.1']);
    await press('wb-101');
    expect(log.filter((line) => line.includes('addresses.unreadable'))).toHaveLength(1);
  });
});
