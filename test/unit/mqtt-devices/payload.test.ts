import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseJson, textAt } from '../../../gateway/inputs/mqtt-devices/payload.ts';

test.each([
  ['{"action":"single"}', ['action'], 'single'],
  ['{"button":{"event":"hold"}}', ['button', 'event'], 'hold'],
  ['{"contact":false}', ['contact'], 'false'],
  ['{"battery":87.5}', ['battery'], '87.5'],
  ['{"list":[{"state":"ON"}]}', ['list', '0', 'state'], 'ON'],
  ['{"data":{"button":[0,2]}}', ['data', 'button', '1'], '2'],
  ['{"data":{"button":2}}', ['data', 'button', '0'], '2'],
  ['{"data":{"button":2}}', ['data', 'button', '1'], undefined],
  ['{"data":{"button":[]}}', ['data', 'button', '0'], undefined],
  ['2', ['0'], undefined],
  ['{"text":"}}]]{{[[\\"}"}', ['text'], '}}]]{{[["}'],
  ['{"action":null}', ['action'], undefined],
  ['{"action":{"single":true}}', ['action'], undefined],
  ['{"action":"single"}', ['action', 'length'], undefined],
  ['{"action":"single"}', ['constructor', 'name'], undefined],
  ['"single"', ['action'], undefined],
  ['', ['action'], undefined],
])('of %s the member %o says %s', (payload, path, text) => {
  expect(textAt(parseJson(payload), path)).toBe(text);
});

test('nesting beyond any device’s is no message, however it is closed; within it every JSON text is read as it is', () => {
  for (const depth of [33, 10_000]) {
    expect(parseJson('['.repeat(depth) + ']'.repeat(depth))).toBeUndefined();
    expect(parseJson(`${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`)).toBeUndefined();
  }
  fc.assert(
    fc.property(fc.json({ maxDepth: 10 }), (json) => {
      expect(parseJson(json)).toEqual(JSON.parse(json));
    }),
  );
});

test('any text whatever is read or refused, and never throws', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.array(fc.string()), (payload, path) => {
      const text = textAt(parseJson(payload), path);
      expect(text === undefined || typeof text === 'string').toBe(true);
    }),
  );
});
