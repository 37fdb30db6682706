import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Zigbee2Mqtt } from '../../../device-sim/mqtt/zigbee2mqtt.ts';
import { MqttStrangers } from '../../../gateway/inputs/mqtt-devices/mqtt-strangers.ts';
import type { MqttStranger } from '../../../protocol/discovery-document.ts';
import { sightingsIn } from '../../../protocol/mqtt-profiles/sightings.ts';

const rpc = (...events: object[]) => JSON.stringify({ src: 'x', method: 'NotifyEvent', params: { ts: 1, events } });

describe('what a message shows, by family', () => {
  test.each([
    ['shellies/shellyix3-1/input_event/2', '{"event":"S","event_cnt":4}', 'shelly-gen1 shellies/shellyix3-1 2 press'],
    ['shellies/shellyix3-1/input_event/0', '{"event":"","event_cnt":4}', 'shelly-gen1 shellies/shellyix3-1 0'],
    ['shellies/shellydw2-1/sensor/state', 'open', 'shelly-gen1 shellies/shellydw2-1'],
    [
      'shellyplusi4-1/events/rpc',
      rpc({ component: 'input:3', event: 'single_push' }),
      'shelly-gen2 shellyplusi4-1 3 press',
    ],
    [
      'gw/events/rpc',
      rpc({ component: 'bthomedevice:200', event: 'long_push', idx: 1 }),
      'shelly-blu-gateway gw bthomedevice:200 1 press',
    ],
    [
      'gw/events/rpc',
      rpc({
        component: 'script:1',
        event: 'shelly-blu',
        data: { address: 'B4:35:22:00:01:02', button: 1, battery: 90 },
      }),
      'shelly-blu-gateway gw b4:35:22:00:01:02 press',
    ],
    [
      'gw/events/rpc',
      rpc({ component: 'script:1', event: 'shelly-blu', data: { address: 'b4:35:22:00:01:02', button: [0, 0, 1, 0] } }),
      'shelly-blu-gateway gw b4:35:22:00:01:02 2 press',
    ],
    ['stat/tasmota_204/RESULT', '{"Button1":{"Action":"SINGLE"}}', 'tasmota tasmota_204 1 press'],
    ['stat/tasmota_204/RESULT', '{"POWER1":"ON"}', ''],
    ['desk-205/binary_sensor/panic/state', 'ON', 'esphome desk-205 panic press'],
    ['zigbee2mqtt/room-7', '{"action":"1_single","battery":80}', 'zigbee2mqtt zigbee2mqtt/room-7 1 press'],
    ['zigbee2mqtt/room-7', '{"action":"single_left"}', 'zigbee2mqtt zigbee2mqtt/room-7 left press'],
    ['zigbee2mqtt/room-7', '{"action":"button_1_single"}', 'zigbee2mqtt zigbee2mqtt/room-7 1 press'],
    ['zigbee2mqtt/room-7', '{"action":"initial_press"}', 'zigbee2mqtt zigbee2mqtt/room-7 press'],
    ['zigbee2mqtt/room-7', '{"contact":true,"linkquality":9}', 'zigbee2mqtt zigbee2mqtt/room-7'],
    ['zigbee2mqtt/lamp', '{"brightness":3,"linkquality":9}', ''],
    [
      'homeassistant/device_automation/0x1/action_single/config',
      '{"topic":"blitz/7/press","device":{"name":"B"}}',
      ' blitz/7/press press?',
    ],
    ['homeassistant/event/gw/x/config', '{"state_topic":"callpoint/v1/gw/event/x"}', ''],
  ])('%s %s', (topic, payload, shown) => {
    const texts = sightingsIn(topic, payload).map((each) => {
      const { profile = '', topic: of, address, component, channel, isPress, name } = each;
      const press = isPress ? 'press' : name === 'B' ? 'press?' : undefined;
      return [profile, of, address, component, channel, press].filter((part) => part !== undefined).join(' ');
    });
    expect(texts.join()).toBe(shown);
  });

  test('a bridge lists its buttons and contacts, with their keys; its coordinator and lamps are none', () => {
    const buttons = [
      { id: 'a', channel: '1' },
      { id: 'b', channel: '2' },
    ];
    const bridge = new Zigbee2Mqtt('zigbee2mqtt', [
      { id: 'r1', name: 'room 1', buttons: [{ id: 'a' }], points: [] },
      { id: 'r2', name: 'room 2', buttons, points: [] },
      { id: 'd1', name: 'door', buttons: [], points: [{ id: 'c', type: 'doorContact' }] },
    ]);
    const list = bridge.connected(0, true).find(({ topic }) => topic === 'zigbee2mqtt/bridge/devices');
    expect(list?.retain).toBe(true);
    const seen = sightingsIn('zigbee2mqtt/bridge/devices', list?.payload ?? '');
    expect(seen.map(({ topic, channel, offers, model }) => [topic, channel, offers, model])).toEqual([
      ['zigbee2mqtt/room 1', undefined, 'button', 'Aqara WXKG11LM'],
      ['zigbee2mqtt/room 2', '1', 'button', 'Tuya TS0044'],
      ['zigbee2mqtt/room 2', '2', 'button', 'Tuya TS0044'],
      ['zigbee2mqtt/door', undefined, 'doorContact', 'Aqara WXKG11LM'],
    ]);
  });

  test('whatever a stranger sends, there is an answer', () => {
    const topics = [
      'a/bridge/devices',
      'a/b',
      'a/events/rpc',
      'shellies/a/input_event/1',
      'stat/a/RESULT',
      'homeassistant/event/a/config',
    ];
    const event = fc.record({
      component: fc.anything(),
      event: fc.anything(),
      data: fc.anything(),
      idx: fc.anything(),
    });
    const payload = fc.oneof(
      fc.string(),
      fc.json(),
      fc.array(event).map((events) => JSON.stringify({ params: { events } })),
      fc
        .array(fc.record({ friendly_name: fc.anything(), definition: fc.anything() }))
        .map((list) => JSON.stringify(list)),
    );
    fc.assert(
      fc.property(fc.constantFrom(...topics), payload, (topic, text) => {
        for (const { topic: of } of sightingsIn(topic, text ?? '')) expect(typeof of).toBe('string');
      }),
    );
  });
});

describe('strangers on a broker', () => {
  const sharing = {
    device: 'tag-1',
    buttons: [
      {
        number: 0,
        topic: 'gw/events/rpc',
        each: ['params', 'events'],
        when: [{ path: ['component'], is: ['bthomedevice:200'] }],
        path: ['event'],
        press: { single_push: 'single' as const },
      },
    ],
    points: [],
  };
  const alone = {
    device: 'z-1',
    buttons: [{ number: 0, topic: 'zigbee2mqtt/room-1', path: ['action'], press: {} }],
    points: [],
  };
  const strangersOf = (heard: MqttStrangers) => heard.strangers().strangers as readonly MqttStranger[];

  test('are what no device of the configuration is, though it shares their topic', () => {
    const heard = new MqttStrangers('mqtt-1', [sharing, alone]);
    heard.heard(
      'gw/events/rpc',
      rpc(
        { component: 'bthomedevice:200', event: 'single_push' },
        { component: 'bthomedevice:201', event: 'single_push' },
      ),
      false,
      1,
    );
    heard.heard('zigbee2mqtt/room-1', '{"action":"single"}', false, 2);
    heard.heard('zigbee2mqtt/room-2', '{"action":"single","battery":55}', false, 3);
    expect(strangersOf(heard)).toMatchObject([
      { component: 'bthomedevice:201', topic: 'gw', movement: 'button was pressed' },
      { topic: 'zigbee2mqtt/room-2', battery_percent: 55, profile: 'zigbee2mqtt' },
    ]);
  });

  test('did not move by what the broker had kept, nor by what they say again and again', () => {
    const heard = new MqttStrangers('mqtt-1', []);
    heard.heard('zigbee2mqtt/room-2', '{"action":"single"}', true, 1);
    for (let at = 0; at < 3; at += 1)
      heard.heard('shellies/x/input_event/0', '{"event":"S","event_cnt":4}', false, 2 + at);
    heard.heard('desk/binary_sensor/panic/state', 'OFF', true, 5);
    heard.heard('desk/binary_sensor/panic/state', 'OFF', false, 6);
    expect(strangersOf(heard).map(({ moved_at }) => moved_at)).toEqual([undefined, undefined, undefined]);
    heard.heard('shellies/x/input_event/0', '{"event":"S","event_cnt":5}', false, 7);
    heard.heard('desk/binary_sensor/panic/state', 'ON', false, 8);
    expect(strangersOf(heard).map(({ movement }) => movement)).toEqual([
      undefined,
      'button 0 was pressed',
      'button panic was pressed',
    ]);
  });

  test("65,000 topics do not grow the list, nor push out a bridge's real button that is pressed", () => {
    const heard = new MqttStrangers('mqtt-1', []);
    for (let at = 0; at < 3; at += 1) heard.heard('zigbee2mqtt/real', '{"action":"single"}', false, at);
    for (let at = 0; at < 65_000; at += 1) heard.heard(`flood/${at}`, '{"action":"single"}', false, 10 + at);
    expect(strangersOf(heard).length).toBe(512);
    expect(heard.strangers().leftOut).toBe(65_001 - 512);
    expect(strangersOf(heard).some(({ topic }) => topic === 'zigbee2mqtt/real')).toBe(true);
  });

  test("Home Assistant's discovery names a button of an unknown family once, and none that a family has already", () => {
    const heard = new MqttStrangers('mqtt-1', []);
    heard.heard('zigbee2mqtt/real', '{"action":"single"}', false, 1);
    const config = (topic: string) => JSON.stringify({ topic, device: { name: 'Bell' } });
    for (const topic of ['zigbee2mqtt/real/action', 'blitz/7', 'blitz/7'])
      heard.heard('homeassistant/device_automation/0x1/action_single/config', config(topic), true, 2);
    expect(strangersOf(heard).map(({ topic, name }) => [topic, name])).toEqual([
      ['zigbee2mqtt/real', undefined],
      ['blitz/7', 'Bell'],
    ]);
  });
});
