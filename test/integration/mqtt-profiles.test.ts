import { afterEach, describe, expect, test } from 'vitest';
import { DeviceClient } from '../../device-sim/mqtt/mqtt-client.ts';
import { loadSettings } from '../../gateway/config/load.ts';
import type { MqttClient as Account } from '../../gateway/mqtt/settings.ts';
import { withSite } from '../unit/config/site-fixture.ts';
import { ACCOUNTS, DeviceRig, QUICK } from './mqtt-devices-rig.ts';

const I4 = 'shellyplusi4-aabbcc000202';
const GATEWAY = 'shellyplus1-aabbcc000001';

const SITE = `version: 1
gateway: gw-1
site: { name: Northfield School }
buildings: [{ id: A, name: Main building, floors: [{ id: "1", rooms: [{ number: "101" }, { number: "102" }, { number: "202" }] }] }]
inputs: [{ id: mqtt-1, driver: mqtt, broker: mqtts://broker.lan:8883 }]
paths: [{ id: central, driver: dc09-tcp, host: 10.0.0.5, port: 7700, account: "1234", encrypted: false }]
devices:
  - { id: i4-202, input: mqtt-1, location: A/1/202, profile: shelly-gen2, topic: ${I4},
      buttons: [{ id: desk, zone: 202, channel: 0 }, { id: door, zone: 203, channel: 3 }] }
  - { id: tag-101, input: mqtt-1, location: A/1/101, heartbeatSeconds: 0, profile: shelly-blu-gateway, topic: ${GATEWAY},
      address: B4:35:22:00:01:01, buttons: [{ id: button-1, kind: intruder, zone: 101 }] }
  - { id: tag-102, input: mqtt-1, location: A/1/102, heartbeatSeconds: 0, profile: shelly-blu-gateway, topic: ${GATEWAY},
      address: B4:35:22:00:01:02, buttons: [{ id: button-1, kind: medical, zone: 102 }] }
  - { id: rc4-103, input: mqtt-1, location: A/1/102, heartbeatSeconds: 0, profile: shelly-blu-gateway, topic: ${GATEWAY},
      component: bthomedevice:200, buttons: [{ id: key-2, zone: 103, channel: 1 }] }
`;

const topics = [`${I4}/#`, `${GATEWAY}/#`];
const accounts = ACCOUNTS.map((account): Account => (account.topics === undefined ? account : { ...account, topics }));

let rig: DeviceRig;
let client: DeviceClient;

afterEach(async () => {
  await client.disconnect();
  await rig.close();
});

async function up(): Promise<void> {
  const settings = withSite({ site: SITE, keys: 'devices: {}\n' }, loadSettings);
  const devices = settings.inputs.flatMap((input) => (input.driver === 'mqtt' ? input.devices : []));
  rig = await DeviceRig.open({ devices }, QUICK, { clients: accounts });
  await rig.start();
  client = await DeviceClient.connect(rig.login, { topic: `${I4}/online`, payload: 'false' });
}

async function shellySays(prefix: string, ...events: readonly object[]): Promise<void> {
  const message = { src: prefix, dst: `${prefix}/events`, method: 'NotifyEvent', params: { ts: 1, events } };
  await client.publish(`${prefix}/events/rpc`, JSON.stringify(message), { qos: 1 });
}

const input = (id: number, event: string, ts: number): object => ({ component: `input:${id}`, id, event, ts });

function tagSays(address: string, button: number, pid: number): Promise<void> {
  const data = { encryption: false, BTHome_version: 2, pid, battery: 100, button, rssi: -76, address };
  return shellySays(GATEWAY, { component: 'script:1', id: 1, event: 'shelly-blu', data, ts: pid });
}

/**
 * Resolves when all that was published before has been read: one client's messages keep their
 * order.
 */
async function caughtUp(): Promise<void> {
  const before = rig.presses('i4-202').length;
  await shellySays(I4, input(3, 'triple_push', 99));
  await rig.until('the press that comes last', () => rig.presses('i4-202').includes('1 triple', before));
}

describe('a Shelly with four inputs on one topic', () => {
  test('is pressed at the input that says so, wherever it stands in the message', async () => {
    await up();
    await shellySays(I4, input(2, 'single_push', 1));
    await shellySays(I4, input(0, 'btn_up', 1.9), input(0, 'single_push', 2));
    await shellySays(I4, input(3, 'long_push', 3), input(0, 'double_push', 3));
    await caughtUp();
    expect(rig.presses('i4-202').toSorted()).toEqual(['0 double', '0 single', '1 long', '1 triple']);
  });

  test('is not held up by messages full of events', async () => {
    await up();
    const many = JSON.stringify({ params: { events: Array.from({ length: 20_000 }, () => 0) } });
    for (let at = 0; at < 20; at += 1) await client.publish(`${GATEWAY}/events/rpc`, many, { qos: 1 });
    await caughtUp();
    expect(rig.presses('i4-202')).toEqual(['1 triple']);
  });
});

describe('tags behind one Shelly', () => {
  test('are told apart by their addresses, and an unknown one presses nothing', async () => {
    await up();
    await tagSays('b4:35:22:00:01:02', 1, 118);
    await tagSays('b4:35:22:00:01:09', 1, 119);
    await tagSays('b4:35:22:00:01:01', 4, 120);
    await caughtUp();
    expect([rig.presses('tag-101'), rig.presses('tag-102')]).toEqual([['0 long'], ['0 single']]);
  });

  test('a key of several is told by the name that the gateway gives it', async () => {
    await up();
    const component = 'bthomedevice:200';
    await shellySays(GATEWAY, { component, id: 200, event: 'single_push', idx: 0, ts: 1731931521.19 });
    await shellySays(GATEWAY, { component, id: 200, event: 'double_push', idx: 1, ts: 1731931522.03 });
    await caughtUp();
    expect(rig.presses('rc4-103')).toEqual(['0 double']);
  });
});
