import { readFileSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { EspHome } from '../../device-sim/mqtt/esphome.ts';
import { DeviceClient } from '../../device-sim/mqtt/mqtt-client.ts';
import { ShellyGen1 } from '../../device-sim/mqtt/shelly-gen1.ts';
import type { Twin } from '../../device-sim/mqtt/twin.ts';
import { TwinLink } from '../../device-sim/mqtt/twin-link.ts';
import { Zigbee2Mqtt } from '../../device-sim/mqtt/zigbee2mqtt.ts';
import { createMqttDevicesDriver } from '../../gateway/inputs/mqtt-devices/driver.ts';
import { BRIDGE, DEVICES, DeviceRig, pressesIn, QUICK, READER } from './mqtt-devices-rig.ts';
import { madePair } from './support/made-certificates.ts';
import { RecordingSink } from './support/recording-sink.ts';

let rig: DeviceRig;
const devices: { disconnect(): Promise<void> }[] = [];

afterEach(async () => {
  await Promise.all(devices.splice(0).map((device) => device.disconnect()));
  await rig.close();
});

async function connected(twin: Twin): Promise<TwinLink> {
  const link = new TwinLink(rig.login, twin);
  await link.connect();
  devices.push(link);
  return link;
}

const bridge = (): Promise<TwinLink> => {
  const buttons = [{ id: 'button', press: { single: 'single', long: 'long' } }];
  const points = [{ id: 'door', type: 'doorContact' }];
  return connected(new Zigbee2Mqtt('zigbee2mqtt', [{ id: 'z-201', name: 'room-201', buttons, points }]));
};
const shellyButton = (): Promise<TwinLink> =>
  connected(new ShellyGen1('shellies/one', [{ id: 'shelly-1', name: '', buttons: [{ id: 'button' }], points: [] }]));
const deskNode = (): Promise<TwinLink> =>
  connected(new EspHome('desk-node', [{ id: 'desk-1', name: '', buttons: [{ id: 'panic' }], points: [] }]));

/** As a bridge whose device is configured with `retain: true`. */
async function pressRetained(zigbee: TwinLink): Promise<void> {
  zigbee.behave('retainEvents');
  await zigbee.press('z-201', 'button', 'single');
  zigbee.behave('normal');
}

async function anyDevice(): Promise<DeviceClient> {
  const connected = await DeviceClient.connect(rig.login, { topic: 'plain/will', payload: 'gone' });
  devices.push(connected);
  return connected;
}

/**
 * Resolves when the driver has read everything published before: this device's messages keep their
 * order.
 */
async function caughtUp(zigbee: TwinLink): Promise<void> {
  const before = rig.presses('z-201').length;
  await zigbee.press('z-201', 'button', 'long');
  await rig.until('the press that comes last', () => rig.presses('z-201').length > before);
}

describe('a press', () => {
  test('at a Zigbee button is told with its pattern, battery and door in one signal', async () => {
    rig = await DeviceRig.up();
    const zigbee = await bridge();
    await zigbee.point('z-201', 'door', false);
    await zigbee.press('z-201', 'button', 'long');
    await rig.until('the press', () => rig.presses('z-201').length > 0);
    const press = rig.sink.signals.find(({ body }) => pressesIn(body).length > 0);
    expect(press).toMatchObject({ input: 'mqtt-1', device: 'z-201', authenticated: false });
    expect(press?.body).toEqual({
      type: 'readings',
      presses: [],
      buttons: [{ button: 1, means: 'long', value: 'long', member: 'action', repeats: { by: 'time', withinMs: 0 } }],
      points: [{ point: 0, active: false }],
      batteryPercent: 100,
      lowBattery: false,
    });
  });

  test('at a Shelly and at an ESPHome button is told, each in its own words', async () => {
    rig = await DeviceRig.up();
    const shelly = await shellyButton();
    const desk = await deskNode();
    for (const how of ['single', 'double', 'long'] as const) await shelly.press('shelly-1', 'button', how);
    await desk.press('desk-1', 'panic');
    await desk.release('desk-1', 'panic');
    await rig.until('four presses', () => rig.presses('shelly-1').length + rig.presses('desk-1').length === 4);
    expect(rig.presses('shelly-1')).toEqual(['1 single', '1 double', '1 long']);
    expect(rig.presses('desk-1')).toEqual(['1 single']);
  });

  test('said twice is told twice: whether it is one is for the core to say', async () => {
    rig = await DeviceRig.up();
    const client = await anyDevice();
    const twice = JSON.stringify({ action: 'single' });
    for (const qos of [1, 1, 0, 2] as const) await client.publish('zigbee2mqtt/room-201', twice, { qos });
    await rig.until('every press', () => rig.presses('z-201').length === 4);
  });

  test('none of hundreds at once is lost or out of order, whatever QoS and retained flag surround it', async () => {
    rig = await DeviceRig.up();
    const client = await anyDevice();
    const sent = Array.from({ length: 300 }, (_, index) => {
      const action = index % 3 === 0 ? 'single' : 'long';
      const qos = index % 2 === 0 ? 0 : 1;
      void client.publish('zigbee2mqtt/room-201/availability', '{"state":"online"}', { qos: 1, retain: true });
      void client.publish('zigbee2mqtt/room-201', JSON.stringify({ action }), { qos });
      return `1 ${action}`;
    });
    let told = 0;
    rig.sink.onSignal = ({ body }) => {
      told += body.type === 'readings' ? 1 : 0;
    };
    await rig.until('all presses', () => told === sent.length);
    expect(rig.presses('z-201')).toEqual(sent);
  });
});

describe('what the broker had kept', () => {
  test('is never a press: not at the first connection, not at the next one, not after a restart of the broker', async () => {
    rig = await DeviceRig.open();
    let zigbee = await bridge();
    await pressRetained(zigbee);
    const desk = await deskNode();
    await desk.press('desk-1', 'panic');
    await rig.start();
    await caughtUp(zigbee);
    expect(rig.presses('z-201')).toEqual(['1 long']);

    await desk.lose();
    await zigbee.disconnect();
    await rig.stopBroker();
    await rig.until('the broker to be missed', () => rig.sink.states.at(-1) === 'down');
    await rig.startBroker();
    devices.splice(0);
    zigbee = await bridge();
    await pressRetained(zigbee);
    await rig.until('the driver to be up again', () => rig.sink.states.at(-1) === 'up');
    await caughtUp(zigbee);
    // The retained message either came live, to a driver that was already there, or was kept and
    // does not count.
    expect(rig.presses('z-201').filter((press) => press === '1 single').length).toBeLessThanOrEqual(1);
    expect(rig.presses('desk-1')).toEqual([]);
  });

  test('tells how the door and the battery stand, and what was last said of a device being there; all of it is marked as kept', async () => {
    rig = await DeviceRig.open();
    const client = await anyDevice();
    const retained = { qos: 1, retain: true } as const;
    await client.publish('zigbee2mqtt/room-201', '{"contact":false,"battery":100}', retained);
    await client.publish('zigbee2mqtt/room-201/availability', '{"state":"online"}', retained);
    const shelly = await shellyButton();
    await shelly.lose();
    await rig.start();
    await rig.until('what was kept', () => rig.said('z-201').length > 1 && rig.said('shelly-1').length > 0);
    const door = { type: 'readings', presses: [], points: [{ point: 0, active: true }], batteryPercent: 100 };
    expect(rig.sink.signals.map(({ kept }) => kept)).not.toContain(undefined);
    const online = { type: 'availability', of: 0, says: 'online' };
    expect(rig.said('z-201')).toEqual([{ ...door, lowBattery: false }, online]);
    expect(rig.said('shelly-1')).toEqual([{ ...online, says: 'offline' }]);
  });

  test('and what was said while the driver was away is not a press later', async () => {
    rig = await DeviceRig.up();
    await rig.driver.stop();
    const zigbee = await bridge();
    await zigbee.press('z-201', 'button', 'single');
    const later = rig.again();
    const ups = rig.sink.healths.length;
    later.start();
    await rig.until('the next driver', () => rig.sink.healths.length > ups);
    await caughtUp(zigbee);
    expect(rig.presses('z-201')).toEqual(['1 long']);
    await later.stop();
  });
});

describe('supervision', () => {
  test('a device whose will is told is gone, and alive when it is back', async () => {
    rig = await DeviceRig.up();
    const shelly = await shellyButton();
    const last = () => rig.said('shelly-1').at(-1);
    const isPresent = (says: string) => {
      const body = last();
      return body?.type === 'availability' && body.says === says;
    };
    await rig.until('its presence', () => isPresent('online'));
    await shelly.lose();
    await rig.until('its loss', () => isPresent('offline'));
    await shellyButton();
    await rig.until('its return', () => isPresent('online'));
  });

  test('any message of a device is life, told at most once a second', async () => {
    rig = await DeviceRig.up();
    const client = await anyDevice();
    for (let i = 0; i < 20; i += 1) await client.publish('zigbee2mqtt/room-201', '{"linkquality":90}', { qos: 1 });
    await client.publish('zigbee2mqtt/room-201', '{"action":"single"}');
    await rig.until('the press', () => rig.presses('z-201').length === 1);
    const lives = rig.said('z-201').filter(({ type }) => type === 'alive').length;
    expect(lives).toBeGreaterThanOrEqual(1);
    expect(lives).toBeLessThan(20);
  });

  test('a low battery is told', async () => {
    rig = await DeviceRig.up();
    const shelly = await shellyButton();
    await shelly.battery('shelly-1', 19);
    const low = { type: 'readings', presses: [], points: [], batteryPercent: 19, lowBattery: true };
    await rig.until('the battery', () =>
      rig.said('shelly-1').some((body) => body.type === 'readings' && body.batteryPercent !== undefined),
    );
    expect(rig.said('shelly-1')).toContainEqual(low);
  });

  test('a message that is none is counted, and hides no press after it', async () => {
    rig = await DeviceRig.up();
    const client = await anyDevice();
    const payloads = ['{', 'x'.repeat(70_000), `{"action":${'['.repeat(30_000)}${']'.repeat(30_000)}}`];
    for (const payload of payloads) await client.publish('zigbee2mqtt/room-201', payload);
    await client.publish('zigbee2mqtt/room-201', '{"action":"single"}');
    await rig.until('the press', () => rig.presses('z-201').length === 1);
    expect(rig.driver.counters()).toMatchObject({ framesHeard: 4, framesRejected: 3 });
    // Each may have been a press.
    const unclear = rig.sink.signals.filter(({ body }) => body.type === 'notUnderstood' && body.of === 'button');
    expect(unclear).toHaveLength(3);
    expect(rig.sink.signals).toHaveLength(4);
  });
});

describe('the broker', () => {
  test('that is away at the start and comes later is told once as down, in plain words, then as up', async () => {
    rig = await DeviceRig.open();
    await rig.stopBroker();
    rig.driver.start();
    await rig.until('the first word', () => rig.sink.healths.length > 0);
    await rig.startBroker();
    await rig.until('up', () => rig.sink.states.at(-1) === 'up');
    expect(rig.sink.healths.map(({ detail }) => detail)).toEqual([
      `nothing listens at ${rig.url}: is the broker running?`,
      `connected to ${rig.url}`,
    ]);
  });

  test('that starts together with the gateway is no news until it is up', async () => {
    rig = await DeviceRig.open({}, { ...QUICK, startingMs: 5_000 });
    await rig.stopBroker();
    rig.driver.start();
    await rig.startBroker();
    await rig.until('up', () => rig.sink.states.includes('up'));
    expect(rig.sink.states).toEqual(['up']);
  });

  test('that refuses the password says whose, and takes the driver in once it is right', async () => {
    rig = await DeviceRig.open({ password: 'wrong' });
    rig.driver.start();
    await rig.until('down', () => rig.sink.healths.length > 0);
    expect(rig.sink.healths[0]?.detail).toBe(
      `${rig.url} refuses the login of user "reader": check its user name and password`,
    );
    // There were repeated refusals meanwhile, and one report.
    await rig.world.until(() => rig.world.notices.filter(({ event }) => event === 'mqtt_login_refused').length > 3);
    expect(rig.sink.healths).toHaveLength(1);
    expect(JSON.stringify(rig.sink.healths)).not.toContain('wrong');
  });

  test('that refuses one topic is told as down with its name; the others are heard all the same', async () => {
    const narrow = { ...READER, topics: ['zigbee2mqtt/#', 'shellies/#'] };
    rig = await DeviceRig.open({}, QUICK, { clients: [BRIDGE, narrow] });
    rig.driver.start();
    await rig.until('down', () => rig.sink.healths.length > 0);
    expect(rig.sink.healths[0]?.state).toBe('down');
    expect(rig.sink.healths[0]?.detail).toContain('"reader" read desk-node/binary_sensor/panic/state and 1 more');
    await caughtUp(await bridge());
    expect(rig.sink.healths).toHaveLength(1);
  });

  describe('with TLS', () => {
    const certificate = readFileSync(new URL('./fixtures/mqtt-tls.cert.pem', import.meta.url), 'utf8');
    const key = readFileSync(new URL('./fixtures/mqtt-tls.key.pem', import.meta.url), 'utf8');
    const tls = { certificate, key };

    test.each(['127.0.0.1', '127.0.0.2'])('and the certificate given as ca is heard at %s', async (host) => {
      rig = await DeviceRig.open({ ca: certificate }, QUICK, { tls, host });
      await rig.start();
      expect(rig.sink.healths).toEqual([{ input: 'mqtt-1', state: 'up', detail: `connected to ${rig.url}` }]);
    });

    test.each([
      ['a certificate nobody vouches for', {}, "shows a certificate that can't be trusted"],
      ['a ca that is none', { ca: 'no certificate' }, "the certificate given as ca can't be used"],
    ])('and %s is down, in plain words', async (_what, change, words) => {
      rig = await DeviceRig.open(change, QUICK, { tls });
      rig.driver.start();
      await rig.until('down', () => rig.sink.healths.length > 0);
      expect(rig.sink.healths[0]).toMatchObject({ state: 'down', detail: expect.stringContaining(words) });
    });
  });

  test.each([
    ['of another authority', madePair({ subject: 'another authority' }).certificate],
    ['that is none', 'no certificate'],
  ])('is heard when the ca, %s at first, is renewed on disk', async (_what, first) => {
    const { certificate, key } = madePair({ subject: 'broker' });
    rig = await DeviceRig.open({}, QUICK, { tls: { certificate, key } });
    const sink = new RecordingSink();
    const account = { username: READER.name, password: READER.password };
    const settings = { driver: 'mqtt', id: 'mqtt-2', url: rig.url, ...account, devices: DEVICES, outputs: [] } as const;
    const live = { ...settings, ca: first };
    const driver = createMqttDevicesDriver(live, sink, {}, QUICK);
    driver.start();
    await expect.poll(() => sink.healths.at(-1)?.state).toBe('down');
    live.ca = certificate;
    await expect.poll(() => sink.healths.at(-1)?.state, { timeout: 10_000 }).toBe('up');
    await driver.stop();
  });

  test('that takes the connection and says nothing is given up in time', async () => {
    rig = await DeviceRig.open();
    const sockets: Socket[] = [];
    const mute = createServer((socket) => sockets.push(socket));
    const port = await new Promise<number>((resolve) => {
      mute.listen(0, '127.0.0.1', () => resolve((mute.address() as { port: number }).port));
    });
    const sink = new RecordingSink();
    const url = `mqtt://127.0.0.1:${port}`;
    const driver = createMqttDevicesDriver(
      { driver: 'mqtt', id: 'mute', url, devices: DEVICES, outputs: [] },
      sink,
      {},
      {
        ...QUICK,
        answerMs: 50,
      },
    );
    driver.start();
    await sink.until('down', () => sink.healths.length > 0);
    expect(sink.healths[0]?.detail).toMatch(/does not answer/);
    const stopping = performance.now();
    await driver.stop();
    expect(performance.now() - stopping).toBeLessThan(1_000);
    for (const socket of sockets) socket.destroy();
    mute.close();
  });
});
