import fc from 'fast-check';
import { expect, test } from 'vitest';
import { countedDevices, unknownName } from '../../device-sim/known-names.ts';

const manyNames = Array.from({ length: 52 }, (_, at) => `wb-${101 + at}`);
const said = (name: string, known: readonly string[]) =>
  unknownName(`no device "${name}"`, name, known, 'there are none').message;

test.each([
  ['wb-10', ['wb-101', 'tag-1'], 'no device "wb-10". Did you mean "wb-101"? There are: wb-101, tag-1'],
  ['WB-101', ['wb-101'], 'no device "WB-101". Did you mean "wb-101"? There are: wb-101'],
  ['gate', ['wb-101', 'wb-102'], 'no device "gate". There are: wb-101, wb-102'],
  ['0', [], 'no device "0": there are none'],
])('%s, of %j', (name, known, text) => {
  expect(said(name, known)).toBe(text);
});

test('many names are in lines that a terminal does not break, each name once', () => {
  const lines = said('wb-1011', manyNames).split('\n');
  expect(lines[0]).toBe('no device "wb-1011". Did you mean "wb-101"? There are:');
  for (const line of lines) expect(line.length).toBeLessThanOrEqual(80);
  expect(
    lines
      .slice(1)
      .join(' ')
      .match(/wb-\d+/g),
  ).toEqual(manyNames);
});

test('of a thousand names the first are listed, and how many more there are', () => {
  const names = Array.from({ length: 1000 }, (_, at) => `node-${at}`);
  const lines = said('x', names).split('\n');
  expect(lines.length).toBeLessThan(25);
  expect(lines.at(-1)).toBe('  and 880 more');
});

test('a count of devices stays in one line as long as it fits', () => {
  expect(countedDevices([])).toBe('no devices yet');
  expect(countedDevices(['wb-1'])).toBe('1 device: wb-1');
  expect(countedDevices(manyNames).split('\n')[0]).toBe('52 devices:');
});

test('any name is answered, however long and strange, in lines of bounded length', () => {
  fc.assert(
    fc.property(fc.string(), fc.array(fc.string({ minLength: 1, maxLength: 20 })), (name, known) => {
      const { message } = unknownName('unknown', name, known, 'none');
      expect(message.startsWith('unknown')).toBe(true);
      if (!known.some((each) => each.includes('\n'))) {
        for (const line of message.split('\n').slice(1)) expect(line.length).toBeLessThanOrEqual(80);
      }
    }),
  );
});
