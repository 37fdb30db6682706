import fc from 'fast-check';
import { expect, test } from 'vitest';
import { FILTER_PATTERN, TOPIC_PATTERN } from '../../../gateway/config/fields/topics.ts';
import { overlaps } from '../../../protocol/mqtt-topic-filter.ts';

/** Returns true if the filter matches the topic (MQTT 3.1.1 §4.7), by a regular expression. */
function matches(filter: string, topic: string): boolean {
  const pattern = filter
    .split('/')
    .map((level) => (level === '+' ? '[^/]*' : level))
    .join('/')
    .replace(/(^|\/)#$/, (_, slash) => (slash === '' ? '.*' : '(/.*)?'));
  return new RegExp(`^${pattern}$`).test(topic);
}

const level = fc.constantFrom('a', 'b', 'callpoint', 'v1', '');
const topic = fc.array(level, { minLength: 1, maxLength: 4 }).map((levels) => levels.join('/'));
const filter = fc
  .tuple(fc.array(fc.oneof(level, fc.constant('+')), { minLength: 1, maxLength: 3 }), fc.boolean())
  .map(([levels, open]) => [...levels, ...(open ? ['#'] : [])].join('/'));

test('a filter overlaps a topic exactly if it matches it', () => {
  fc.assert(
    fc.property(filter, topic, (one, other) => {
      expect(overlaps(one, other)).toBe(matches(one, other));
    }),
  );
});

test('two filters that match one topic overlap, in either order', () => {
  fc.assert(
    fc.property(filter, filter, topic, (one, other, both) => {
      expect(overlaps(one, other)).toBe(overlaps(other, one));
      if (matches(one, both) && matches(other, both)) expect(overlaps(one, other)).toBe(true);
    }),
  );
});

test('what is a filter and what a topic', () => {
  const filters = ['#', '+', 'a/#', 'a/+/b', '/a', 'a/', '+/+/#'];
  expect(filters.filter((each) => !FILTER_PATTERN.test(each))).toEqual([]);
  expect(['a#', 'a/#/b', 'a+', '+a/b', '#/', '$SYS/a', 'a\0'].filter((each) => FILTER_PATTERN.test(each))).toEqual([]);
  expect(['a', 'a/b', '/a'].filter((each) => !TOPIC_PATTERN.test(each))).toEqual([]);
  expect(['', 'a/+', '#', '$SYS', 'a\n'].filter((each) => TOPIC_PATTERN.test(each))).toEqual([]);
});
