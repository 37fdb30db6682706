import { describe, expect, test } from 'vitest';
import { loadSettings } from '../../../gateway/config/load.ts';
import { DeviceMessages } from '../../../gateway/inputs/mqtt-devices/device-messages.ts';
import type { MqttDevice } from '../../../gateway/inputs/mqtt-devices/settings.ts';
import { mistakesOf, withSite } from '../config/site-fixture.ts';

const NO_KEYS = 'devices: {}\n';

/** A site with these devices only, each in as few lines as its profile allows. */
function siteWith(devices: string): string {
  return `version: 1
gateway: gw-1
site: { name: Northfield School }
buildings: [{ id: A, name: Main building, floors: [{ id: "1", rooms: [{ number: "101" }, { number: "102" }] }] }]
inputs: [{ id: mqtt-1, driver: mqtt, broker: mqtts://broker.lan:8883 }]
devices:
${devices}
paths: [{ id: central, driver: dc09-tcp, host: 10.0.0.5, port: 7700, account: "1234", encrypted: false }]
`;
}

function devicesOf(devices: string): readonly MqttDevice[] {
  const settings = withSite({ site: siteWith(devices), keys: NO_KEYS }, loadSettings);
  const input = settings.inputs.find(({ driver }) => driver === 'mqtt');
  return input?.driver === 'mqtt' ? input.devices : [];
}

const DEVICE = (profile: string, topic: string, more: string, button = '') =>
  `  - { id: device-1, input: mqtt-1, profile: ${profile}, topic: ${topic}, location: A/1/101, heartbeatSeconds: 0${more},
      buttons: [{ id: button-1, kind: intruder, zone: 101${button} }] }`;

interface Spoken {
  readonly what: string;
  readonly device: string;
  readonly topic: string;
  readonly payload: string;
  /** `undefined`: it says nothing of the button. */
  readonly pattern: string | undefined;
}

const i3 = DEVICE('shelly-gen1', 'shellies/shellyix3-AABBCC000201', '');
const i4 = DEVICE('shelly-gen2', 'shellyplusi4-aabbcc000202', '', ', channel: 2');
const BLU = 'shellyplus1-aabbcc000001';
const blu = DEVICE('shelly-blu-gateway', BLU, ', address: B43522000102');
const rc4 = DEVICE('shelly-blu-gateway', BLU, ', address: b4:35:22:00:01:02', ', channel: 1');
const native = DEVICE('shelly-blu-gateway', BLU, ', component: "bthomedevice:202"', ', channel: 1');
const zigbee = DEVICE('zigbee2mqtt', 'zigbee2mqtt/room-101', '');
const four = DEVICE('zigbee2mqtt', 'zigbee2mqtt/room-101', '', ', channel: 2');
const left = DEVICE('zigbee2mqtt', 'zigbee2mqtt/room-101', '', ', channel: left');
const tasmota = DEVICE('tasmota', 'tasmota_204', '');
const esphome = DEVICE('esphome', 'desk-205', '', ', channel: panic');

const event = (what: object): string =>
  JSON.stringify({ src: BLU, method: 'NotifyEvent', params: { ts: 1731931521.19, events: [what] } });
const script = (button: number | readonly number[], address = 'b4:35:22:00:01:02'): string =>
  event({
    component: 'script:1',
    id: 1,
    event: 'shelly-blu',
    data: { encryption: false, BTHome_version: 2, pid: 118, battery: 100, button, rssi: -76, address },
    ts: 1.5,
  });

const SPOKEN: readonly Spoken[] = [
  {
    what: 'Shelly i3, short',
    device: i3,
    topic: 'shellies/shellyix3-AABBCC000201/input_event/0',
    payload: '{"event":"S","event_cnt":4}',
    pattern: 'single',
  },
  {
    what: 'Shelly i3, long',
    device: i3,
    topic: 'shellies/shellyix3-AABBCC000201/input_event/0',
    payload: '{"event":"L","event_cnt":5}',
    pattern: 'long',
  },
  {
    what: 'Shelly i3 after its start, which has no event',
    device: i3,
    topic: 'shellies/shellyix3-AABBCC000201/input_event/0',
    payload: '{"event":"","event_cnt":0}',
    pattern: 'release',
  },
  {
    what: 'Shelly i4, the input that is meant',
    device: i4,
    topic: 'shellyplusi4-aabbcc000202/events/rpc',
    payload: event({ component: 'input:2', id: 2, event: 'long_push', ts: 1728655744.49 }),
    pattern: 'long',
  },
  {
    what: 'Shelly i4, another input',
    device: i4,
    topic: 'shellyplusi4-aabbcc000202/events/rpc',
    payload: event({ component: 'input:0', id: 0, event: 'single_push', ts: 1728655744.49 }),
    pattern: undefined,
  },
  {
    what: 'Shelly i4, the finger before the push is known',
    device: i4,
    topic: 'shellyplusi4-aabbcc000202/events/rpc',
    payload: event({ component: 'input:2', id: 2, event: 'btn_down', ts: 1728655744.17 }),
    pattern: 'release',
  },
  { what: 'BLU Button by the script', device: blu, topic: `${BLU}/events/rpc`, payload: script(1), pattern: 'single' },
  { what: 'BLU Button, held', device: blu, topic: `${BLU}/events/rpc`, payload: script(254), pattern: 'hold' },
  {
    what: 'BLU Button, another tag',
    device: blu,
    topic: `${BLU}/events/rpc`,
    payload: script(1, 'b4:35:22:00:01:03'),
    pattern: undefined,
  },
  {
    what: 'BLU RC Button 4, the second key',
    device: rc4,
    topic: `${BLU}/events/rpc`,
    payload: script([0, 2, 0, 0]),
    pattern: 'double',
  },
  {
    what: 'BLU RC Button 4, another key',
    device: rc4,
    topic: `${BLU}/events/rpc`,
    payload: script([1, 0, 0, 0]),
    pattern: 'release',
  },
  {
    what: 'BLU RC Button 4 that is written as a tag with one key',
    device: blu,
    topic: `${BLU}/events/rpc`,
    payload: script([0, 2, 0, 0]),
    pattern: 'notUnderstood',
  },
  {
    what: 'BLU Button that is written as a tag with several keys',
    device: DEVICE('shelly-blu-gateway', BLU, ', address: b4:35:22:00:01:02', ', channel: 0'),
    topic: `${BLU}/events/rpc`,
    payload: script(1),
    pattern: 'single',
  },
  {
    what: 'Shelly i4 in switch mode',
    device: i4,
    topic: 'shellyplusi4-aabbcc000202/events/rpc',
    payload: event({ component: 'input:2', id: 2, event: 'toggle', state: true, ts: 1728655744.17 }),
    pattern: 'notUnderstood',
  },
  {
    what: 'BLU RC Button 4 by the firmware',
    device: native,
    topic: `${BLU}/events/rpc`,
    payload: event({ component: 'bthomedevice:202', id: 202, event: 'single_push', idx: 1, ts: 1731931521.19 }),
    pattern: 'single',
  },
  {
    what: 'BLU RC Button 4 by the firmware, another key',
    device: native,
    topic: `${BLU}/events/rpc`,
    payload: event({ component: 'bthomedevice:202', id: 202, event: 'single_push', idx: 0, ts: 1731931521.19 }),
    pattern: undefined,
  },
  {
    what: 'Aqara button',
    device: zigbee,
    topic: 'zigbee2mqtt/room-101',
    payload: '{"action":"many","battery":100,"device_temperature":24,"linkquality":120,"voltage":3005}',
    pattern: 'triple',
  },
  {
    what: 'Tuya SOS button',
    device: zigbee,
    topic: 'zigbee2mqtt/room-101',
    payload: '{"action":"emergency","battery":100,"linkquality":87}',
    pattern: 'single',
  },
  {
    what: 'IKEA button',
    device: zigbee,
    topic: 'zigbee2mqtt/room-101',
    payload: '{"action":"on","battery":74,"linkquality":60}',
    pattern: 'single',
  },
  {
    what: 'Zigbee2MQTT, the action cleared',
    device: zigbee,
    topic: 'zigbee2mqtt/room-101',
    payload: '{"action":"","battery":100}',
    pattern: 'release',
  },
  {
    what: 'Tuya TS0044, the second key',
    device: four,
    topic: 'zigbee2mqtt/room-101',
    payload: '{"action":"2_single"}',
    pattern: 'single',
  },
  {
    what: 'Tuya TS0044, another key',
    device: four,
    topic: 'zigbee2mqtt/room-101',
    payload: '{"action":"1_single"}',
    pattern: 'notUnderstood',
  },
  {
    what: 'Aqara double button, left',
    device: left,
    topic: 'zigbee2mqtt/room-101',
    payload: '{"action":"hold_left"}',
    pattern: 'hold',
  },
  {
    what: 'Tasmota',
    device: tasmota,
    topic: 'stat/tasmota_204/RESULT',
    payload: '{"Button1":{"Action":"PENTA"}}',
    pattern: 'triple',
  },
  {
    what: 'Tasmota, the end of a hold',
    device: tasmota,
    topic: 'stat/tasmota_204/RESULT',
    payload: '{"Button1":{"Action":"CLEAR"}}',
    pattern: 'release',
  },
  {
    what: 'ESPHome',
    device: esphome,
    topic: 'desk-205/binary_sensor/panic/state',
    payload: 'ON',
    pattern: 'single',
  },
];

const KEY = (channel: string) => DEVICE('zigbee2mqtt', 'zigbee2mqtt/room-101', '', `, channel: ${channel}`);

/**
 * What Zigbee buttons say in one use, as their definitions list it (zigbee-herdsman-converters).
 */
const ZIGBEE_USES: readonly (readonly [what: string, device: string, words: string, patterns: string])[] = [
  ['Aqara WXKG12LM', zigbee, 'single double hold release', 'single double hold release'],
  ['Aqara WXCJKG13LM', KEY('5'), 'button_5_triple button_5_hold button_5_release', 'triple hold release'],
  ['Aqara WXKG15LM, both rockers', KEY('both'), 'single_both hold_both', 'single hold'],
  ['Heiman HS1EB', zigbee, 'single', 'single'],
  [
    'Philips Hue smart button',
    zigbee,
    'press release press hold hold release',
    'single release single hold hold release',
  ],
  ['Philips Hue dimmer, on', KEY('on'), 'on_press on_press_release', 'single release'],
  ['Philips Hue dimmer, off held', KEY('off'), 'off_press off_hold off_hold_release', 'single hold release'],
  ['Philips wall switch module', KEY('left'), 'left_press left_press_release', 'single release'],
  ['IKEA E1743 and E2201', zigbee, 'on brightness_move_up brightness_stop', 'single hold release'],
  ['IKEA E1743, one half', KEY('on'), 'on brightness_move_up brightness_stop', 'single hold release'],
  ['IKEA E1743, the other half', KEY('off'), 'off brightness_move_down brightness_stop', 'single hold release'],
  ['IKEA E2213', KEY('1'), '1_initial_press 1_short_release', 'single release'],
  ['IKEA E2213, held', KEY('2'), '2_initial_press 2_long_press 2_long_release', 'single hold release'],
  ['IKEA E2123', KEY('dots_1'), 'dots_1_initial_press dots_1_short_release', 'single release'],
  ['IKEA E1810', KEY('arrow_left'), 'arrow_left_click arrow_left_hold arrow_left_release', 'single hold release'],
  ['Sonoff SNZB-01P', zigbee, 'single double long', 'single double long'],
  ['Sonoff SNZB-01M', KEY('3'), 'single_button_3 triple_button_3 long_button_3', 'single triple long'],
  ['Tuya TS0044', KEY('4'), '4_single 4_double 4_hold', 'single double hold'],
  ['Tuya TS0215A, SOS', zigbee, 'emergency', 'single'],
  ['Linkind ZS130000178', KEY('panic'), 'panic', 'single'],
  ['a remote with groups', KEY('2'), 'on_2 off_2 brightness_move_up_2 brightness_stop_2', 'single double hold release'],
  ['a remote with scenes', KEY('scene_3'), 'scene_3', 'single'],
];

describe('what Zigbee buttons say', () => {
  test.each(ZIGBEE_USES)('%s', (_what, device, words, patterns) => {
    const reader = new DeviceMessages(devicesOf(device));
    const means = words.split(' ').flatMap((action) => {
      const said = reader.read('zigbee2mqtt/room-101', JSON.stringify({ action, linkquality: 87 }), false) ?? [];
      return said.flatMap(({ body }) => (body.type === 'readings' ? (body.buttons ?? []) : [])).map((one) => one.means);
    });
    expect(means).toEqual(patterns.split(' '));
  });

  test.each([
    ['another key', KEY('1'), '2_single'],
    ['the other half of a rocker', KEY('on'), 'off'],
    ['a key, where none is written', zigbee, '1_single'],
  ])('%s is not understood, and so it is reported', (_what, device, action) => {
    const said = new DeviceMessages(devicesOf(device)).read('zigbee2mqtt/room-101', JSON.stringify({ action }), false);
    expect(said).toMatchObject([{ body: { buttons: [{ means: 'notUnderstood', value: action }] } }]);
  });
});

describe('a profile', () => {
  test.each(SPOKEN)('$what: $pattern', ({ device, topic, payload, pattern }) => {
    const said = new DeviceMessages(devicesOf(device)).read(topic, payload, false) ?? [];
    const readings = said.flatMap(({ body }) => (body.type === 'readings' ? (body.buttons ?? []) : []));
    expect(readings.map(({ means }) => means)).toEqual(pattern === undefined ? [] : [pattern]);
  });

  test.each([
    ['shelly-blu-gateway', blu, true],
    ['shelly-blu-gateway, by component', native, true],
    ['zigbee2mqtt', zigbee, undefined],
  ])('%s: whether hold comes first, and what it was afterwards', (_name, written, says) => {
    const { site } = withSite({ site: siteWith(written), keys: NO_KEYS }, loadSettings);
    expect(site.devices.get('device-1')?.saysHowHoldEnds).toBe(says);
  });

  test.each([
    ['shelly-gen1', i3],
    ['shelly-gen2', i4],
    ['shelly-blu-gateway', blu],
    ['shelly-blu-gateway, by component', native],
    ['zigbee2mqtt', zigbee],
    ['tasmota', tasmota],
    ['esphome', esphome],
  ])('%s makes three lines a button without a mistake', (_name, device) => {
    expect(mistakesOf({ site: siteWith(device), keys: NO_KEYS })).toEqual([]);
  });

  test.each([
    ['shelly-gen1', i3, { counter: ['event_cnt'] }],
    ['shelly-gen2', i4, { counter: ['ts'] }],
    ['shelly-blu-gateway', blu, { counter: ['data', 'pid'] }],
    ['shelly-blu-gateway, by component', native, { counter: ['ts'] }],
    ['zigbee2mqtt', zigbee, { carries: 'events', repeatsWithinMs: 3000 }],
    ['tasmota', tasmota, { carries: 'events', repeatsWithinMs: 3000 }],
    ['esphome', esphome, { carries: 'state' }],
  ])('%s says what a repeat is', (_name, device, repeats) => {
    expect(devicesOf(device)[0]?.buttons[0]).toMatchObject(repeats);
  });

  test('a tag is supervised by itself, and its gateway is the bridge', () => {
    const online = { topic: `${BLU}/online`, online: ['true'], offline: ['false'] };
    expect(devicesOf(native)[0]).toMatchObject({
      availability: [],
      bridge: online,
      battery: { topic: `${BLU}/status/bthomedevice:202`, path: ['battery'] },
      lastSeen: { topic: `${BLU}/status/bthomedevice:202`, path: ['last_updated_ts'] },
    });
  });

  test('a Zigbee device is present if its bridge is', () => {
    expect(devicesOf(zigbee)[0]).toMatchObject({
      availability: [{ topic: 'zigbee2mqtt/room-101/availability', path: ['state'] }],
      bridge: { topic: 'zigbee2mqtt/bridge/state', path: ['state'] },
      lastSeen: { topic: 'zigbee2mqtt/room-101', path: ['last_seen'] },
    });
  });

  test('what is written outranks it, member by member', () => {
    const device = DEVICE(
      'zigbee2mqtt',
      'zigbee2mqtt/room-101',
      ', availability: [], battery: { path: battery_low, low: "yes" }, bridge: { topic: z2m/bridge/state }',
      ', press: { doorbell: single }',
    );
    expect(devicesOf(device)[0]).toMatchObject({
      availability: [],
      bridge: { topic: 'z2m/bridge/state', path: ['state'] },
      battery: { topic: 'zigbee2mqtt/room-101', path: ['battery_low'], low: ['yes'] },
      buttons: [{ path: ['action'], press: { doorbell: 'single' } }],
    });
  });

  test.each([
    [
      'a Zigbee button that reports sos',
      'profile: zigbee2mqtt, topic: zigbee2mqtt/sos',
      'path: sos, press: { "true": single }, release: "false", carries: state',
      'zigbee2mqtt/sos',
      ['{"sos":true,"tamper":false}', '{"sos":false}', '{"battery_low":true}'],
      ['single', 'release'],
    ],
    [
      'an ESPHome event',
      'profile: esphome, topic: desk-205',
      'topic: desk-205/event/panic/state, path: event_type, press: { single: single }, carries: events',
      'desk-205/event/panic/state',
      ['{"event_type":"single"}', '{"event_type":"double"}'],
      ['single', 'notUnderstood'],
    ],
  ])('%s is read as the page says', (_what, fields, button, topic, payloads, means) => {
    const device = `  - { id: device-1, input: mqtt-1, ${fields}, location: A/1/101, buttons: [{ id: b, zone: 101, ${button} }] }`;
    expect(mistakesOf({ site: siteWith(device), keys: NO_KEYS })).toEqual([]);
    const reader = new DeviceMessages(devicesOf(device));
    const said = payloads.flatMap((payload) => reader.read(topic, payload, false) ?? []);
    const read = said.flatMap(({ body }) => (body.type === 'readings' ? (body.buttons ?? []) : []));
    expect(read.map((one) => one.means)).toEqual(means);
  });

  test('a word that is written under release: is no press any more, and the other way round', () => {
    const heiman = DEVICE('zigbee2mqtt', 'zigbee2mqtt/room-101', '', ', release: "off"');
    const [button] = devicesOf(heiman)[0]?.buttons ?? [];
    expect(button?.press).not.toHaveProperty('off');
    expect(button?.press).toMatchObject({ single: 'single', hold: 'hold' });
    expect(button?.release).toEqual(expect.arrayContaining(['', 'release', 'off']));
    const clear = devicesOf(DEVICE('tasmota', 'node', '', ', press: { CLEAR: single }'))[0]?.buttons[0];
    expect(clear?.press).toEqual({ CLEAR: 'single' });
    expect(clear?.release).not.toContain('CLEAR');
  });

  test.each([
    ['zigbee2mqtt', 'zigbee2mqtt/door', { topic: 'zigbee2mqtt/door', path: ['contact'], active: ['false'] }],
    ['shelly-gen1', 'shellies/dw-1', { topic: 'shellies/dw-1/sensor/state', active: ['open'], normal: ['close'] }],
    ['shelly-gen2', 'plus-1', { topic: 'plus-1/status/input:0', path: ['state'], active: ['true'] }],
    ['tasmota', 'node', { topic: 'stat/node/RESULT', path: ['Switch1', 'Action'], active: ['ON'] }],
  ])('%s knows a door contact', (profile, topic, point) => {
    const device = `  - { id: door-1, input: mqtt-1, profile: ${profile}, topic: ${topic}, location: A/1/101, heartbeatSeconds: 0,
      points: [{ id: door, type: doorContact, zone: 101 }] }`;
    expect(devicesOf(device)[0]?.points[0]).toMatchObject(point);
  });
});
