import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { Aedes } from 'aedes';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { MqttRelay } from '../../device-sim/mqtt/mqtt-relay.ts';
import type { BrokerTimes } from '../../gateway/inputs/mqtt-devices/broker-connection.ts';
import { createMqttDevicesDriver } from '../../gateway/inputs/mqtt-devices/driver.ts';
import type { MqttDevicesSettings, MqttOutput } from '../../gateway/inputs/mqtt-devices/settings.ts';
import type { MqttClient as Account } from '../../gateway/mqtt/settings.ts';
import { ACCOUNTS, DeviceRig, QUICK, READER } from './mqtt-devices-rig.ts';
import { RecordingSink } from './support/recording-sink.ts';

const SIREN: MqttOutput = {
  id: 'siren-1',
  topic: 'zigbee2mqtt/siren/set',
  on: '{"state":"ON"}',
  off: '{"state":"OFF"}',
  availability: {
    topic: 'zigbee2mqtt/siren/availability',
    path: ['state'],
    online: ['online'],
    offline: ['offline'],
  },
};
const STROBE: MqttOutput = { id: 'strobe-1', topic: 'shellies/strobe/relay/0/command', on: 'on', off: 'off' };
const CANARY: MqttOutput = { id: 'canary-1', topic: 'canary/press', on: 'press', off: 'release' };
const CANARY_DEVICE: MqttDevicesSettings['devices'][number] = {
  device: 'canary',
  buttons: [{ number: 1, topic: 'canary/press', path: [], press: { press: 'single' }, release: ['release'] }],
  points: [],
};

const SPEAKING: Account = { ...READER, topics: [...(READER.topics ?? []), 'canary/press'] };
const OUTPUTS = [SIREN, STROBE, CANARY];

let rig: DeviceRig;
const relays: MqttRelay[] = [];

afterEach(async () => {
  await Promise.all(relays.splice(0).map((relay) => relay.disconnect()));
  await rig?.close();
});

/** Each topic may be spoken to, unless others are named. */
async function open(publishes: readonly string[] = OUTPUTS.map(({ topic }) => topic)): Promise<void> {
  const clients = [...ACCOUNTS.filter((account) => account !== READER), { ...SPEAKING, publishes }];
  rig = await DeviceRig.open({ devices: [CANARY_DEVICE], outputs: OUTPUTS }, QUICK, { clients });
  await rig.start();
}

async function siren(): Promise<MqttRelay> {
  const relay = await MqttRelay.zigbee(rig.login, 'siren');
  relays.push(relay);
  return relay;
}

async function strobe(): Promise<MqttRelay> {
  const relay = await MqttRelay.shelly(rig.login, 'strobe');
  relays.push(relay);
  return relay;
}

/** Returns the commands without the repeats that follow each sign of life. */
function changes(relay: MqttRelay): string[] {
  return relay.commands.filter((command, at) => command !== relay.commands[at - 1]);
}

describe('outputs switched over MQTT', () => {
  test('are switched on and off, each in its own words, by the gateway’s own broker', async () => {
    await open();
    const zigbee = await siren();
    const shelly = await strobe();
    rig.driver.output?.('siren-1', true);
    rig.driver.output?.('strobe-1', true);
    await zigbee.until(() => zigbee.isOn);
    await shelly.until(() => shelly.isOn);
    rig.driver.output?.('siren-1', false);
    await zigbee.until(() => !zigbee.isOn);
    expect(changes(zigbee)).toEqual(['{"state":"ON"}', '{"state":"OFF"}']);
    expect(shelly.commands).toEqual(['on']);
  });

  test('are never retained: who comes later hears nothing of a siren that is long off', async () => {
    await open();
    const first = await strobe();
    rig.driver.output?.('strobe-1', true);
    await first.until(() => first.isOn);
    const second = await strobe();
    rig.driver.output?.('strobe-1', false);
    await second.until(() => second.commands.length > 0);
    expect(second.commands).toEqual(['off']);
  });

  test('one that had no power is told again when it is back', async () => {
    await open();
    const relay = await siren();
    rig.driver.output?.('siren-1', true);
    await relay.until(() => relay.isOn);
    await relay.powerCut();
    expect(relay.isOn).toBe(false);
    await relay.powerUp();
    await relay.until(() => relay.isOn);
    expect(changes(relay)).toEqual(['{"state":"ON"}']);
  });

  test('one that comes back before anything was said of it is told nothing', async () => {
    await open();
    const relay = await siren();
    rig.driver.output?.('canary-1', true);
    await rig.until('the canary', () => rig.presses('canary').length === 1);
    expect(relay.commands).toEqual([]);
  });

  test('are all off after stop', async () => {
    await open();
    const relay = await siren();
    rig.driver.output?.('siren-1', true);
    await relay.until(() => relay.isOn);
    await rig.driver.stop();
    await relay.until(() => !relay.isOn);
  });

  test('what was said while there was no broker is not said later: the core says it again', async () => {
    await open();
    const ups = () => rig.sink.states.filter((state) => state === 'up').length;
    const clients = [...ACCOUNTS.filter((account) => account !== READER), { ...SPEAKING, publishes: [SIREN.topic] }];
    await rig.stopBroker();
    await rig.until('the broker to be missed', () => rig.sink.states.at(-1) === 'down');
    rig.driver.output?.('siren-1', true);
    await rig.startBroker({ clients });
    await rig.until('the broker to be back', () => ups() === 2);
    const relay = await siren();
    rig.driver.output?.('siren-1', false);
    await relay.until(() => relay.commands.length > 0);
    expect(relay.commands.at(-1)).toBe('{"state":"OFF"}');
    expect(relay.isOn).toBe(false);
  });

  test('the reader may speak to these topics and to no other', async () => {
    await open([STROBE.topic]);
    const relay = await siren();
    rig.driver.output?.('siren-1', true);
    await rig.world.until(() =>
      rig.world.notices.some(({ event, detail }) => event === 'mqtt_publish_refused' && detail.includes(SIREN.topic)),
    );
    expect(relay.commands).toEqual([]);
  });
});

describe('a canary on MQTT', () => {
  test('is pressed by its output, through the broker', async () => {
    await open();
    rig.driver.output?.('canary-1', true);
    await rig.until('the press', () => rig.presses('canary').length === 1);
    rig.driver.output?.('canary-1', false);
    rig.driver.output?.('canary-1', true);
    await rig.until('the next press', () => rig.presses('canary').length === 2);
    expect(rig.presses('canary')).toEqual(['1 single', '1 single']);
    expect(rig.driver.counters().framesRejected).toBe(0);
  });
});

/**
 * A broker that accepts every login and acknowledges no message, and a driver with a strobe there.
 */
async function takesNothing(times: BrokerTimes) {
  const heard: string[] = [];
  const aedes = await Aedes.createBroker({
    // The broker never answers: it accepts nothing.
    authorizePublish: (_client, packet) => void heard.push(packet.payload.toString()),
  });
  const sockets: Socket[] = [];
  const server = createServer((socket) => {
    sockets.push(socket);
    aedes.handle(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const sink = new RecordingSink();
  const settings = {
    driver: 'mqtt',
    id: 'mqtt-1',
    url: `mqtt://127.0.0.1:${port}`,
    devices: [],
    outputs: [STROBE],
  } as const;
  const driver = createMqttDevicesDriver(settings, sink, {}, times);
  driver.start();
  await sink.until('up', () => sink.states.includes('up'));
  const close = async () => {
    await driver.stop();
    await Promise.all([
      new Promise<void>((resolve) => aedes.close(resolve)),
      new Promise((resolve) => server.close(resolve)),
    ]);
  };
  return { heard, aedes, sockets, sink, driver, close };
}

test('what the broker had not taken when the connection broke is not said on the next one', async () => {
  const { heard, aedes, sockets, sink, driver, close } = await takesNothing(QUICK);
  const ups = () => sink.states.filter((state) => state === 'up').length;
  const first = once(aedes, 'clientDisconnect');
  driver.output?.('strobe-1', true);
  await vi.waitFor(() => expect(heard).toEqual(['on']));
  for (const socket of sockets.splice(0)) socket.destroy();
  await first;
  await sink.until('up again', () => ups() === 2);
  driver.output?.('strobe-1', false);
  await vi.waitFor(() => expect(heard).toEqual(['on', 'off']));
  await close();
});

test('a broker that acknowledges nothing is told as down, in plain words', async () => {
  const { sink, driver, close } = await takesNothing({ ...QUICK, answerMs: 100 });
  driver.output?.('strobe-1', true);
  await sink.until('down', () => sink.states.includes('down'));
  expect(sink.healths.find(({ state }) => state === 'down')?.detail).toContain('acknowledges nothing');
  await close();
});
