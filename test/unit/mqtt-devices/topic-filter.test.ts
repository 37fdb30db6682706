import fc from 'fast-check';
import { expect, test } from 'vitest';
import { DeviceTopics, KeptForDevices } from '../../../gateway/mqtt/device-access.ts';
import { covers, faultOfGrant, overlaps } from '../../../protocol/mqtt-topic-filter.ts';

const level = fc.constantFrom('a', 'b', '', '$SYS');
const topics = fc.array(level, { minLength: 1, maxLength: 4 }).map((levels) => levels.join('/'));
const filters = fc
  .tuple(fc.array(fc.oneof(level, fc.constant('+')), { maxLength: 3 }), fc.constantFrom('a', 'b', '+', '#'))
  .map(([levels, last]) => [...levels, last].join('/'));

/** The matching rules of MQTT 3.1.1 §4.7, as an expression. */
function matches(filter: string, topic: string): boolean {
  if (/^[+#]/.test(filter) && topic.startsWith('$')) return false;
  const pattern = filter
    .replace(/[$]/g, '\\$&')
    .replace(/\+/g, '[^/]*')
    .replace(/(^|\/)#$/, (_, slash) => (slash === '' ? '.*' : '(/.*)?'));
  return new RegExp(`^${pattern}$`).test(topic);
}

test('a filter covers exactly the topics it matches', () => {
  fc.assert(
    fc.property(filters, topics, (filter, topic) => {
      expect(covers(filter, topic)).toBe(matches(filter, topic));
    }),
    { numRuns: 2_000 },
  );
});

test('what a filter covers, it overlaps, and every topic of the one is a topic of the other', () => {
  fc.assert(
    fc.property(filters, filters, topics, (wide, narrow, topic) => {
      if (covers(wide, narrow) && matches(narrow, topic)) expect(matches(wide, topic)).toBe(true);
      if (matches(wide, topic) && matches(narrow, topic)) expect(overlaps(wide, narrow)).toBe(true);
      expect(overlaps(wide, narrow)).toBe(overlaps(narrow, wide));
    }),
    { numRuns: 5_000 },
  );
});

test.each([
  ['zigbee2mqtt/#', true],
  ['shellies/+/input_event/0', true],
  ['+/+/input_event/#', false],
  ['#', false],
  ['+/v1/#', false],
  ['callpoint/#', false],
  ['callpoint/v1/school/cmd/resolve', false],
  ['$SYS/broker/load', false],
  ['homeassistant/#', false],
  ['+/status', false],
  ['a/#/b', false],
  ['a+', false],
  ['', false],
])('may %s be given to a device? %s', (filter, may) => {
  expect(faultOfGrant(filter, 'homeassistant') === undefined).toBe(may);
  expect(new DeviceTopics([filter], 'homeassistant').maySubscribe(filter)).toBe(may);
});

test('a level left open is refused only where it reaches into a tree of ours', () => {
  expect(faultOfGrant('+/room/#')).toBeUndefined();
  expect(faultOfGrant('+/room/#', 'homeassistant')).toContain('homeassistant/#');
  expect(faultOfGrant('+/+/status')).toContain('callpoint/v1/#');
});

test('no device may ever speak in the gateway’s tree, whatever it was given', () => {
  const callpoint = fc.constantFrom('callpoint', 'v1', 'school', 'cmd', '+', '#', 'x');
  const granted = fc.array(callpoint, { minLength: 1, maxLength: 5 }).map((levels) => levels.join('/'));
  fc.assert(
    fc.property(fc.array(granted), (grants) => {
      const device = new DeviceTopics(grants);
      for (const topic of ['callpoint/v1/school/cmd/resolve', 'callpoint/v1/school/status', '$SYS/x']) {
        expect(device.mayPublish(topic)).toBe(false);
        expect(device.maySubscribe(topic)).toBe(false);
      }
      for (const filter of ['#', 'callpoint/#', '+/v1/#', '$SYS/#']) expect(device.maySubscribe(filter)).toBe(false);
    }),
  );
});

const MB = 1024 * 1024;

const PAYLOAD = Buffer.alloc(4 * MB);

function message(topic: string, bytes: number) {
  return { topic, payload: PAYLOAD.subarray(0, bytes) };
}

test('what devices leave behind is bounded in number and bytes, and clearing makes room', () => {
  const kept = new KeptForDevices(['zigbee']);
  const takes = (topic: string, bytes: number) => kept.takes(message(topic, bytes), 'zigbee');
  let number = 0;
  while (takes(`t/${number}`, 1)) number += 1;
  expect(number).toBeGreaterThan(25_000);
  expect(number).toBeLessThan(26_500);
  expect(takes('t/0', 2)).toBe(true);
  expect(takes('t/0', 0)).toBe(true);
  expect(takes('t/new', 1)).toBe(true);
  expect(takes('t/newer', 1)).toBe(false);

  const large = new KeptForDevices(['zigbee']);
  const takesLarge = (topic: string, bytes: number) => large.takes(message(topic, bytes), 'zigbee');
  let megabytes = 0;
  while (takesLarge(`t/${megabytes}`, MB)) megabytes += 1;
  expect(megabytes).toBe(15);
  expect(takesLarge('t/0', 10)).toBe(true);
  expect(takesLarge('t/15', MB)).toBe(true);
});

test('sixteen accounts that leave as much as they can leave 16 MB, and a seventeenth still has its part', () => {
  const greedy = Array.from({ length: 16 }, (_, i) => `greedy-${i}`);
  const kept = new KeptForDevices([...greedy, 'zigbee']);
  let bytes = 0;
  for (const account of greedy)
    for (let i = 0; kept.takes(message(`${account}/${i}`, 100_000), account); i += 1) bytes += 100_000;
  expect(bytes).toBeLessThan(16 * MB);
  expect(kept.takes(message('zigbee2mqtt/bridge/devices', 400_000), 'zigbee')).toBe(true);
});

test('one account’s part is never used up by the others, whatever they leave and clear', () => {
  const accounts = ['a', 'b', 'c'] as const;
  const step = fc.record({
    account: fc.constantFrom(...accounts),
    topic: fc.constantFrom('t/1', 't/2', 't/3', 't/4'),
    bytes: fc.constantFrom(0, 1, MB, 4 * MB),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      const kept = new KeptForDevices([...accounts, 'other']);
      const model = new Map<string, number>();
      for (const { account, topic, bytes } of steps) {
        const taken = kept.takes(message(topic, bytes), account);
        model.set(topic, taken ? bytes : 0);
      }
      const total = [...model.values()].reduce((sum, bytes) => sum + bytes, 0);
      expect(total).toBeLessThanOrEqual(14 * MB);
      expect(kept.takes(message('other/1', 2 * MB - 1000), 'other')).toBe(true);
    }),
  );
});
