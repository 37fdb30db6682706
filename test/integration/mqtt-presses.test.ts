import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import type { DeviceClient } from '../../device-sim/mqtt/mqtt-client.ts';
import type { DeviceDocument, InputDocument } from '../../protocol/mqtt-documents.ts';
import { addMqttDevices, bridgeOf } from './support/mqtt-rooms.ts';
import { WholeGateway } from './support/whole-gateway.ts';

/**
 * The gateway as it runs, with its broker, its journal and a receiver. Each test ends with a press
 * of another button: messages keep their order, so whatever was said before has been heard by then.
 */
const I3 = 'shellies/shellyix3-AABBCC000201';
const I3_2 = 'shellies/shellyix3-AABBCC000202';
const Z203 = 'zigbee2mqtt/room-203';
const Z204 = 'zigbee2mqtt/room-204';
const DESK = 'desk-205';
const END = 'zigbee2mqtt/end';
const DEVICES = [
  `{ id: i3-201, input: mqtt-1, topic: ${I3}/input_event/0, location: A/1/101, heartbeatSeconds: 0, buttons: [{ id: button-1, kind: medical, zone: 801, path: event, counter: event_cnt, press: { S: single, L: long } }] }`,
  `{ id: z-203, input: mqtt-1, topic: ${Z203}, location: A/1/102, heartbeatSeconds: 0, buttons: [{ id: button-1, kind: medical, zone: 803, path: action, press: { single: single, hold: long } }] }`,
  `{ id: i3-202, input: mqtt-1, profile: shelly-gen1, topic: ${I3_2}, location: A/1/101, buttons: [{ id: button-1, kind: medical, zone: 802 }] }`,
  `{ id: z-204, input: mqtt-1, profile: zigbee2mqtt, topic: ${Z204}, availability: [], location: A/1/102, heartbeatSeconds: 0, buttons: [{ id: button-1, kind: medical, zone: 804, channel: 1 }] }`,
  `{ id: desk-205, input: mqtt-1, topic: ${DESK}/binary_sensor/panic/state, location: A/1/102, heartbeatSeconds: 0, buttons: [{ id: button-1, kind: medical, zone: 805, carries: state, press: { "ON": single } }] }`,
  `{ id: end-1, input: mqtt-1, topic: ${END}, location: A/1/101, heartbeatSeconds: 0, buttons: [{ id: button-1, kind: medical, zone: 899, path: action, counter: n, press: { single: single } }] }`,
];
const TOPICS = ['shellies/#', 'zigbee2mqtt/#', `${DESK}/#`];

let whole: WholeGateway;
let bridge: DeviceClient;
let ends = 0;

beforeAll(async () => {
  whole = await WholeGateway.start({
    prepare: (site) => addMqttDevices(site, DEVICES, TOPICS),
    // This test is the devices.
    wall: (site) => ({ ...site, inputs: [] }),
  });
  await whole.ready();
  await inputUp(0);
  bridge = await bridgeOf(whole.site, 'zigbee2mqtt/bridge/state');
});
afterAll(async () => {
  await bridge.disconnect();
  await whole.stop();
});

const say = (topic: string, payload: string, retain = false) => bridge.publish(topic, payload, { qos: 1, retain });
const event = (count: number, what = 'S') => say(`${I3}/input_event/0`, `{"event":"${what}","event_cnt":${count}}`);
const state = (is: string) => say(`${DESK}/binary_sensor/panic/state`, is, true);

/** Ids of the device's alerts at the receiver's desk, each once. */
const alertsOf = (device: string) => {
  const ids = whole.receiver.displayed.map(({ reportId }) => reportId ?? '');
  return [...new Set(ids.filter((id) => id.startsWith(`${device}.`)))];
};
const noticesOf = (start: string) => whole.troublesDisplayed.filter((text) => text.includes(start));

async function allHeard(): Promise<void> {
  ends += 1;
  await say(END, `{"action":"single","n":${ends}}`);
  await whole.receiver.until(() => alertsOf('end-1').length === ends);
}

/** Resolves when the receiver has the notice, which it gets after every alarm. */
async function notice(start: string): Promise<string> {
  await whole.receiver.until(() => noticesOf(start).length > 0);
  return noticesOf(start)[0] ?? '';
}

/** Resolves when the driver has subscribed, as a document after the first `before` says. */
async function inputUp(before: number): Promise<void> {
  const isUp = ({ place, document }: { place: string; document: unknown }) =>
    place === 'input/mqtt-1/status' && (document as InputDocument | undefined)?.state === 'up';
  await vi.waitUntil(() => whole.mqtt.said.slice(before).some(isUp), { timeout: 10_000 });
}

async function restart(): Promise<void> {
  await bridge.disconnect();
  const before = whole.mqtt.said.length;
  await whole.restart();
  await inputUp(before);
  bridge = await bridgeOf(whole.site, 'zigbee2mqtt/bridge/state');
}

describe('a Shelly that publishes its last event every 30 s, with the same number', () => {
  test('is one alert for each number', async () => {
    for (const count of [4, 4, 4, 5]) await event(count);
    await allHeard();
    expect(alertsOf('i3-201')).toHaveLength(2);
  });

  test('a word of the button that nothing names is told to the receiver at once, and not again when it is repeated', async () => {
    for (let time = 0; time < 3; time++) await event(6, 'SS');
    await allHeard();
    expect(alertsOf('i3-201')).toHaveLength(2);
    await notice('Press not understood: i3-201');
    expect(whole.details).toContainEqual(expect.stringContaining('event is'));
  });
});

describe('a Shelly that restarts', () => {
  test('and counts up to the number that was heard last is pressed again', async () => {
    const says = (what: string, count: number) =>
      say(`${I3_2}/input_event/0`, `{"event":"${what}","event_cnt":${count}}`, true);
    const starts = async () => {
      await say(`${I3_2}/online`, 'false', true);
      await say(`${I3_2}/online`, 'true', true);
      await says('', 0);
    };
    await starts();
    for (let time = 0; time < 2; time++) await says('S', 1);
    await starts();
    for (let time = 0; time < 2; time++) await says('S', 1);
    await allHeard();
    expect(alertsOf('i3-202')).toHaveLength(2);
  });
});

describe('a Zigbee button with two keys, by its profile', () => {
  test('is one alert for one use of its key, whatever it says when it is let go', async () => {
    for (const action of ['1_initial_press', '1_long_press', '1_long_release'])
      await say(Z204, `{"action":"${action}"}`);
    await allHeard();
    expect(alertsOf('z-204')).toHaveLength(1);
    await say(Z204, '{"action":"2_initial_press"}');
    await notice('Press not understood: z-204');
    expect(whole.details).toContainEqual(expect.stringContaining('2_initial_press'));
    await whole.mqtt.until('dev/z-204/state', (device: DeviceDocument) => device.not_understood === 1);
  });

  test('a word in quotes instead of JSON is told, and proves nothing', async () => {
    await say(Z204, '"1_initial_press"');
    await whole.mqtt.until('dev/z-204/state', (device: DeviceDocument) => device.not_understood === 2);
    expect(alertsOf('z-204')).toHaveLength(1);
  });
});

describe('a Zigbee button on a weak link', () => {
  test('a click that arrives four times is one alert; another way of pressing is another', async () => {
    for (const action of ['single', 'single', '', 'single', 'hold'])
      await say(Z203, `{"action":"${action}","linkquality":${ends}}`);
    await allHeard();
    expect(alertsOf('z-203')).toHaveLength(2);
  });

  test('words that press: does not name are told with device and room, one by one in the count', async () => {
    for (const action of ['emergency', '1_single', 'SINGLE', 'on']) await say(Z203, JSON.stringify({ action }));
    await allHeard();
    expect(alertsOf('z-203')).toHaveLength(2);
    await notice('Press not understood: z-203');
    expect(whole.details).toContainEqual(expect.stringContaining('action is'));
    await whole.mqtt.until('dev/z-203/state', (device: DeviceDocument) => device.not_understood === 4);
  });
});

describe('a latching button on an ESPHome node', () => {
  test('whose state comes again at each connection is one alert for each change to ON', async () => {
    for (const word of ['OFF', 'ON', 'ON', 'ON']) await state(word);
    await allHeard();
    expect(alertsOf('desk-205')).toHaveLength(1);
  });
});

describe('after a restart of the gateway', () => {
  test('what was heard before it is no press, though it is published again', async () => {
    await restart();
    await event(6, 'SS');
    await event(6, 'SS');
    await state('ON');
    await allHeard();
    expect([alertsOf('i3-201').length, alertsOf('desk-205').length]).toEqual([2, 1]);
    await say(END, `{"action":"odd","n":0}`);
    await notice('Press not understood: end-1');
    expect(noticesOf('Press not understood: i3-201')).toHaveLength(1);
  });

  test('what was pressed meanwhile is one alert, late, and said to be of unknown age', async () => {
    await state('OFF');
    await allHeard();
    const before = noticesOf('Press of unknown age').length;
    await restart();
    for (let time = 0; time < 2; time++) {
      await event(7);
      await state('ON');
    }
    await allHeard();
    expect([alertsOf('i3-201').length, alertsOf('desk-205').length]).toEqual([3, 2]);
    const told = () => noticesOf('Press of unknown age').slice(before);
    const ofBoth = ['i3-201 button-1', 'desk-205 button-1'];
    await whole.receiver.until(() => ofBoth.every((button) => told().some((text) => text.includes(button))));
  });
});
