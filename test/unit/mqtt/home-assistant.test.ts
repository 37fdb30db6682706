import { describe, expect, test } from 'vitest';
import { Discovery } from '../../../gateway/mqtt/discovery.ts';
import { deviceDiscovery, doorDiscovery, pathDiscovery, siteDiscovery } from '../../../protocol/home-assistant.ts';
import type { MqttMessage } from '../../../protocol/mqtt-topics.ts';
import { device, deviceDocument, door, path, pathDocument, press } from './documents.ts';

function configsOf(messages: readonly MqttMessage[]) {
  return new Map(messages.map(({ topic, payload }) => [topic, JSON.parse(payload)]));
}

function objects(messages: readonly MqttMessage[]): string[] {
  return messages.map(({ topic }) => topic.replace(/^homeassistant\/(.*)\/callpoint_school\/(.*)\/config$/, '$1 $2'));
}

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
  const configs = configsOf(messages);

  test('announces the button, reachability, tamper, battery and every known point, each retained', () => {
    expect(objects(messages)).toEqual([
      'event node-101_button',
      'binary_sensor node-101_reachable',
      'binary_sensor node-101_tamper',
      'binary_sensor node-101_battery',
      'binary_sensor node-101_point_door',
      'binary_sensor node-101_point_bolt',
      'binary_sensor node-101_point_lid_2e_1',
    ]);
    expect(messages.every(({ retain }) => retain)).toBe(true);
    const classes = ['button', 'connectivity', 'tamper', 'battery', 'door', 'lock', 'tamper'];
    expect([...configs.values()].map((config) => config.device_class)).toEqual(classes);
  });

  test('names a device by its room, and puts what is for the administrator aside', () => {
    for (const config of configs.values()) {
      expect(config.device).toMatchObject({
        identifiers: ['callpoint_school_node-101'],
        name: 'Rm 101 Reception',
        suggested_area: 'Rm 101 Reception',
        serial_number: 'node-101',
      });
      expect(config.entity_category).toBe(config.device_class === 'button' ? undefined : 'diagnostic');
    }
  });

  test('announces nothing that a device does not have, and two buttons apart', () => {
    const contact = deviceDocument('door-9', { buttons: {}, tamper: null, wires_supervised: false });
    expect(objects(deviceDiscovery('homeassistant', 'school', contact))).toEqual([
      'binary_sensor door-9_reachable',
      'binary_sensor door-9_point_door',
    ]);
    const kind = { kind: 'medical', kind_name: 'Medical' };
    const two = deviceDocument('wb-2', { buttons: { red: kind, blue: kind }, points: {} });
    const named = [...configsOf(deviceDiscovery('homeassistant', 'school', two)).values()].map(({ name }) => name);
    expect(named).toEqual(['Button red', 'Button blue', 'Reachable', 'Tamper']);
  });

  test('points at our own topics, and everything is unavailable unless the gateway is ready', () => {
    const doors = doorDiscovery('homeassistant', 'school', door('door-102').document);
    const all = [...messages, ...doors, ...siteDiscovery('homeassistant', 'school')];
    for (const config of configsOf(all).values()) {
      expect(config.state_topic).toMatch(
        /^callpoint\/v1\/school\/(dev\/node-101\/(state|event)|door\/door-102\/state|overview|walk-test)$/,
      );
      expect(config.availability).toEqual([
        {
          topic: 'callpoint/v1/school/status',
          value_template: "{{ 'online' if value_json.state == 'ready' else 'offline' }}",
        },
      ]);
    }
    expect(new Set([...configsOf(all).values()].map((config) => config.unique_id)).size).toBe(all.length);
  });

  test('what is not known is shown as unknown, never as closed or locked', () => {
    const point = configs.get('homeassistant/binary_sensor/callpoint_school/node-101_point_door/config');
    expect(point.value_template).toBe(
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

  test('a name can’t break out of a template', () => {
    const evil = deviceDocument('n', { room_name: "x'} %}{{ 1 }} \\ \n" });
    const [event] = configsOf(deviceDiscovery('homeassistant', 'school', evil)).values();
    expect(event.value_template).toContain("'room': 'x\\U00000027\\U0000007d \\U00000025\\U0000007d\\U0000007b");
  });

  test('a device is announced once, again when its points change, and all of them on request', () => {
    const discovery = new Discovery('homeassistant', 'school');
    const site = discovery.all().length;
    expect(discovery.learn(device('n1'))).toHaveLength(4);
    expect(discovery.learn(device('n1', { supervised: 'missing' }))).toEqual([]);
    expect(discovery.learn(press('n1', 'n1.1.1'))).toEqual([]);
    expect(discovery.learn(device('n1', { low_battery: false }))).toHaveLength(5);
    expect(discovery.learn(path('cms', 'up'))).toHaveLength(1);
    expect(discovery.learn(path('cms', 'down'))).toEqual([]);
    expect(discovery.learn(door('d1'))).toHaveLength(1);
    expect(discovery.all()).toHaveLength(site + 7);
  });

  test('what is no longer announced is removed: after a change, and what older versions left', () => {
    const discovery = new Discovery('homeassistant', 'school');
    const removed = (messages: readonly MqttMessage[]) => objects(messages.filter(({ payload }) => payload === ''));
    const contact = { buttons: {}, tamper: null, wires_supervised: false } as const;
    expect(removed(discovery.learn(device('old', contact)))).toEqual(['event old_button', 'binary_sensor old_tamper']);
    expect(removed(discovery.learn(device('n1')))).toEqual([]);
    const kind = { kind: 'medical', kind_name: 'Medical' };
    expect(removed(discovery.learn(device('n1', { buttons: { a: kind, b: kind } })))).toEqual(['event n1_button']);
    expect(discovery.all().some(({ payload }) => payload === '')).toBe(false);
  });
});
