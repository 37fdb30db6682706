import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { existsSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import pino from 'pino';
import { afterEach, describe, expect, test } from 'vitest';
import { type Receiver, startReceiver } from '../../device-sim/receiver/receiver.ts';
import { epochNow, readSite } from '../../device-sim/site/site-file.ts';
import { SiteSimulator } from '../../device-sim/site/site-simulator.ts';
import { loadSettings } from '../../gateway/config/load.ts';
import type { PathSettings } from '../../gateway/config/settings.ts';
import { realEdges, startGateway } from '../../gateway/gateway.ts';
import type { Lookup } from '../../gateway/names/names.ts';
import { openNames } from '../../gateway/names/open-names.ts';
import { places, source } from '../unit/cap/cap-reports.ts';
import { attemptOf, settingsFor as dc09, udpSettingsFor } from './dc09-rig.ts';
import { settingsFor as radio } from './radio-rig.ts';
import { settingsFor as sip } from './sip-rig.ts';
import { RecordingSink } from './support/recording-sink.ts';
import { freePort, type SmallSite, smallSite } from './support/small-site.ts';
import { Waiting } from './support/waiting.ts';
import { tapSettings } from './tap-rig.ts';

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  while (cleanups.length > 0) await cleanups.pop()?.();
});

const HOST = 'far.callpoint.test';
const never: Lookup = () => new Promise(() => undefined);
const names = { lookup: never, kept: async () => ['127.0.0.1'] };

describe('each link that is given by name reaches its far end by the kept address while the name server hangs', () => {
  const host = HOST;
  const connectTimeoutMs = 5_000;
  const desk = (port: number) => ({
    id: 'desk',
    endpoint: { url: `http://${HOST}:${port}/`, connections: 1, connectTimeoutMs },
    acknowledges: 'delivery' as const,
  });
  const pages = { pagers: ['5551212'], characters: 80 };
  const paths: readonly [string, (port: number) => PathSettings][] = [
    ['dc09-tcp', (port) => dc09(port, { host })],
    ['sip', (port) => sip(port, { host })],
    ['cap', (port) => ({ driver: 'cap', source, ...desk(port) })],
    ['webhook', (port) => ({ driver: 'webhook', secret: 'a secret', places, ...desk(port) })],
    ['snpp', (port) => ({ driver: 'snpp', id: 'snpp', host, port, connectTimeoutMs, ...pages })],
    ['tap', (port) => tapSettings({ type: 'tcp', host, port, connectTimeoutMs })],
    ['radio', (port) => radio({ host, port })],
  ];

  /** Resolves when somebody connects. */
  async function listening(): Promise<{ readonly port: number; readonly connected: Promise<unknown> }> {
    const server = createServer((socket) => void cleanups.push(() => socket.destroy()));
    server.listen(0, '127.0.0.1');
    cleanups.push(() => server.close());
    await once(server, 'listening');
    return { port: (server.address() as AddressInfo).port, connected: once(server, 'connection') };
  }

  test.each(paths)('%s', async (_driver, settings) => {
    const { port, connected } = await listening();
    const driver = realEdges.path(settings(port), { sent: () => undefined, outcome: () => undefined }, names);
    driver.start();
    cleanups.push(() => driver.stop());
    // Those that call for each attempt: once what was kept has been read.
    await names.kept();
    driver.send(attemptOf(1));
    await connected;
  });

  test('dc09-udp', async () => {
    const socket = createSocket('udp4').bind(0, '127.0.0.1');
    cleanups.push(() => socket.close());
    await once(socket, 'listening');
    const settings = udpSettingsFor(socket.address().port, { host });
    const driver = realEdges.path(settings, { sent: () => undefined, outcome: () => undefined }, names);
    driver.start();
    cleanups.push(() => driver.stop());
    await names.kept();
    driver.send(attemptOf(1));
    await once(socket, 'message');
  });

  test('devices that speak MQTT', async () => {
    const { port, connected } = await listening();
    const settings = { driver: 'mqtt', id: 'zigbee', url: `mqtt://${HOST}:${port}`, devices: [], outputs: [] } as const;
    const driver = realEdges.input(settings, 1, new RecordingSink(), names);
    driver.start();
    cleanups.push(() => driver.stop());
    await connected;
  });

  test('a broker that is not ours', async () => {
    const { port, connected } = await listening();
    // By name only over TLS; that it gets as far as the handshake is enough.
    const broker = { type: 'external', url: `mqtts://${HOST}:${port}` } as const;
    const sink = { published: () => undefined, health: () => undefined, command: () => undefined };
    const link = realEdges.startMqtt({ gateway: 'gw-test', broker }, 1, sink, { names });
    cleanups.push(() => link.stop());
    await connected;
  });
});

describe('a gateway that starts before its router', () => {
  interface Around {
    readonly site: SmallSite;
    readonly receiver: Receiver;
    readonly log: string[];
    /** Runs a gateway whose names are looked up like this. */
    run(lookup: Lookup): Promise<() => Promise<void>>;
    /** Presses a button, and waits until the wall says that the receiver has it. */
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
