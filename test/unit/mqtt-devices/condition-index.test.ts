import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ConditionIndex } from '../../../gateway/inputs/mqtt-devices/condition-index.ts';
import { Message } from '../../../gateway/inputs/mqtt-devices/message.ts';
import type { MqttSource } from '../../../gateway/inputs/mqtt-devices/settings.ts';

interface Item {
  readonly name: number;
  readonly sources: readonly MqttSource[];
}

const word = fc.constantFrom('a', 'b', 'c', '');
const condition = fc.record({
  path: fc.constantFrom(['x'], ['y'], ['z', 'x']),
  is: fc.array(word, { minLength: 1, maxLength: 3 }),
});
const source: fc.Arbitrary<MqttSource> = fc
  .record({
    each: fc.constantFrom(undefined, ['list'], ['other']),
    when: fc.array(condition, { maxLength: 3 }),
  })
  .map(({ each, when }) => ({ topic: 't', path: [], when, ...(each === undefined ? {} : { each }) }));
const items = fc
  .array(fc.array(source, { minLength: 1, maxLength: 3 }), { maxLength: 8 })
  .map((all) => all.map((sources, name): Item => ({ name, sources })));
const scalars = fc.record({ x: word, y: word, z: fc.record({ x: word }) }, { requiredKeys: [] });
const payload = fc.record(
  { x: word, y: word, list: fc.array(scalars, { maxLength: 3 }), other: fc.array(scalars, { maxLength: 2 }) },
  { requiredKeys: [] },
);

test('whoever has a source in the message is found, in their order', () => {
  fc.assert(
    fc.property(items, payload, (all, json) => {
      const message = new Message(JSON.stringify(json), json);
      const found = new ConditionIndex(all, ({ sources }) => sources).candidates(message);
      const names = found.map(({ name }) => name);
      expect(names).toEqual(names.toSorted((a, b) => a - b));
      const inIt = all.filter(({ sources }) => sources.some((each) => message.partsOf(each).length > 0));
      expect(found).toEqual(expect.arrayContaining(inIt));
    }),
    { numRuns: 1000 },
  );
});

test('of hundreds that are told apart by an address, only the one that has it is index', () => {
  const tags = Array.from({ length: 300 }, (_, name): Item => {
    const when = [
      { path: ['event'], is: ['shelly-blu'] },
      { path: ['address'], is: [`b4:${name}`, `B4:${name}`] },
    ];
    return { name, sources: [{ topic: 't', each: ['events'], path: ['button'], when }] };
  });
  const event = (address: string) => ({ events: [{ event: 'shelly-blu', address }] });
  const index = new ConditionIndex(tags, ({ sources }) => sources);
  expect(index.candidates(new Message('', event('B4:17')))).toEqual([tags[17]]);
  expect(index.candidates(new Message('', event('b4:999')))).toEqual([]);
});
