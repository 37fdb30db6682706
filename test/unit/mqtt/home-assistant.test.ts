import { describe, expect, test } from 'vitest';
import { Discovery } from '../../../gateway/mqtt/discovery.ts';
import { deviceDiscovery, pathDiscovery } from '../../../protocol/home-assistant.ts';
import { device, deviceDocument, path, pathDocument, press } from './documents.ts';

describe('Home Assistant discovery', () => {
  const node = deviceDocument('node-101', {
    battery_mv: 2900,
    low_battery: false,
    points: {
      door: { type: 'doorContact', state: 'closed' },
      bolt: { type: 'bolt', state: 'locked' },
      'lid.1': { type: 'tamper', state: 'ok' },
      odd: { type: 'somethingNew', state: 'unknown' },
    },
  });
  const messages = deviceDiscovery('homeassistant', 'school', node);
  const configs = new Map(messages.map(({ topic, payload }) => [topic, JSON.parse(payload)]));

  test('announces reachability, tamper, battery, every known point and the button, each retained', () => {
    expect([...configs.keys()].map((topic) => topic.replace('/callpoint_school', ''))).toEqual([
      'homeassistant/binary_sensor/node-101_reachable/config',
      'homeassistant/binary_sensor/node-101_tamper/config',
      'homeassistant/binary_sensor/node-101_battery/config',
      'homeassistant/binary_sensor/node-101_point_door/config',
      'homeassistant/binary_sensor/node-101_point_bolt/config',
      'homeassistant/binary_sensor/node-101_point_lid_2e_1/config',
      'homeassistant/event/node-101_button/config',
    ]);
    expect(messages.every(({ retain }) => retain)).toBe(true);
    expect([...configs.values()].map((config) => config.device_class)).toEqual([
      'connectivity',
      'tamper',
      'battery',
      'door',
      'lock',
      'tamper',
      'button',
    ]);
  });

  test('points at our own topics, and everything is unavailable unless the gateway is ready', () => {
    for (const config of configs.values()) {
      expect(config.state_topic).toMatch(/^callpoint\/v1\/school\/dev\/node-101\/(state|event)$/);
      expect(config.availability).toEqual([
        {
          topic: 'callpoint/v1/school/status',
          value_template: "{{ 'online' if value_json.state == 'ready' else 'offline' }}",
        },
      ]);
    }
    expect(new Set([...configs.values()].map((config) => config.unique_id)).size).toBe(configs.size);
  });

  test('what is not known is shown as unknown, never as closed or locked', () => {
    const door = configs.get('homeassistant/binary_sensor/callpoint_school/node-101_point_door/config');
    expect(door.value_template).toBe(
      `{{ {'open': 'ON', 'closed': 'OFF'}.get(value_json.points["door"].state, 'None') }}`,
    );
    const tamper = configs.get('homeassistant/binary_sensor/callpoint_school/node-101_tamper/config');
    expect(tamper.value_template).toBe("{{ {true: 'ON', false: 'OFF'}.get(value_json.tamper, 'None') }}");
  });

  test('two ids that differ in a character discovery topics don’t allow stay two', () => {
    const [a] = pathDiscovery('homeassistant', 'school', pathDocument('a.b'));
    const [b] = pathDiscovery('homeassistant', 'school', pathDocument('a_b'));
    expect(a?.topic).not.toBe(b?.topic);
  });

  test('a device is announced once, again when its points change, and all of them on request', () => {
    const discovery = new Discovery('homeassistant', 'school');
    expect(discovery.learn(device('n1'))).toHaveLength(4);
    expect(discovery.learn(device('n1', { supervised: 'missing' }))).toEqual([]);
    expect(discovery.learn(press('n1', 'n1.1.1'))).toEqual([]);
    expect(discovery.learn(device('n1', { low_battery: false }))).toHaveLength(5);
    expect(discovery.learn(path('cms', 'up'))).toHaveLength(1);
    expect(discovery.learn(path('cms', 'down'))).toEqual([]);
    expect(discovery.all()).toHaveLength(6);
  });
});
