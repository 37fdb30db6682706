import { afterEach, expect, test } from 'vitest';
import { DeviceClient } from '../../device-sim/mqtt/mqtt-client.ts';
import { createMqttSearch } from '../../gateway/inputs/mqtt-devices/search.ts';
import type { MqttStranger } from '../../protocol/discovery-document.ts';
import { BRIDGE, DEVICES, DeviceRig, QUICK } from './mqtt-devices-rig.ts';
import { Waiting } from './support/waiting.ts';

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const clean of cleanups.splice(0).reverse()) await clean();
});

async function until(what: string, met: () => boolean, have: () => unknown): Promise<void> {
  const waiting = new Waiting();
  const look = setInterval(() => waiting.check(), 5);
  await waiting.until(what, met, have).finally(() => clearInterval(look));
}

test('beside the running driver a search hears a stranger at the same broker, and the driver its own press', async () => {
  const rig = await DeviceRig.up();
  cleanups.push(() => rig.close());
  const will = { topic: 'zigbee2mqtt/bridge/state', payload: 'offline' };
  const bridge = await DeviceClient.connect(rig.login, will);
  cleanups.push(() => bridge.disconnect());
  const settings = { driver: 'mqtt', id: 'mqtt-1', url: rig.url, devices: DEVICES, outputs: [] } as const;
  const { name: username, password, topics = [] } = BRIDGE;
  const search = createMqttSearch(settings, [{ username, password, topics }], {}, QUICK);
  cleanups.push(() => search.stop());
  const strangers = () => (search.strangers() as { strangers: readonly MqttStranger[] }).strangers;
  search.start();
  await until(
    'the search to listen',
    () => search.state().isListening,
    () => search.state(),
  );
  await bridge.publish('zigbee2mqtt/room-201', '{"action":"single"}');
  await bridge.publish('zigbee2mqtt/room-999', '{"action":"single","battery":70}');
  await until('the stranger', () => strangers().length > 0, strangers);
  expect(strangers()).toMatchObject([
    { topic: 'zigbee2mqtt/room-999', profile: 'zigbee2mqtt', battery_percent: 70, movement: 'button was pressed' },
  ]);
  await rig.until('the enrolled press', () => rig.presses('z-201').length === 1);
});

test('a password that the broker refuses, and an account that is missing, are said', async () => {
  const rig = await DeviceRig.open();
  cleanups.push(() => rig.close());
  const settings = { driver: 'mqtt', id: 'mqtt-1', url: rig.url, devices: [], outputs: [] } as const;
  const wrong = createMqttSearch(settings, [{ username: 'bridge', password: 'no', topics: ['x/#'] }], {}, QUICK);
  cleanups.push(() => wrong.stop());
  wrong.start();
  await until(
    'the refusal',
    () => /bridge/.test(wrong.state().detail),
    () => wrong.state(),
  );
  expect(wrong.state().isListening).toBe(false);
  expect(createMqttSearch(settings, []).state().detail).toContain('add one with role: device');
});
