import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type DrillScope, parseScope, scopeText } from '../../../protocol/drill-scope.ts';

const place = fc.stringMatching(/^[A-Za-zÄöé0-9-](?:[A-Za-zÄöé0-9 ._-]{0,30}[A-Za-zÄöé0-9._-])?$/);
const device = fc.stringMatching(/^[a-z0-9][a-z0-9-]{0,31}$/);
const scope: fc.Arbitrary<DrillScope> = fc.oneof(
  fc.constant({ kind: 'site' } as const),
  fc.record({ kind: fc.constant('building' as const), building: place }),
  fc.record({ kind: fc.constant('floor' as const), building: place, floor: place }),
  fc.record({ kind: fc.constant('room' as const), building: place, floor: place, room: place }),
  fc.record({ kind: fc.constant('device' as const), device }),
);

describe('the scope of a drill', () => {
  test('is read as it was written, whatever the places are called', () => {
    fc.assert(
      fc.property(scope, (wanted) => {
        expect(parseScope(scopeText(wanted))).toEqual(wanted);
      }),
    );
  });

  test('may name places with spaces and in any script', () => {
    expect(parseScope('room:Haus Süd/EG links/1. OG')).toEqual({
      kind: 'room',
      building: 'Haus Süd',
      floor: 'EG links',
      room: '1. OG',
    });
  });

  test.each([
    '',
    'all',
    'Site',
    'site:',
    'building',
    'building:',
    'building:A/1',
    'building: A',
    'floor:A',
    'floor:A/',
    'floor:A/1/101',
    'room:A/1',
    'room:A//101',
    'room:A/1/101/1',
    'device:',
    'device:WB-101',
    'device:wb/101',
    'street:A',
    `building:${'A'.repeat(33)}`,
    `room:${'/'.repeat(100_000)}`,
    'building:A\n',
  ])('is refused: %j', (text) => expect(parseScope(text)).toBeUndefined());

  test('of any text whatever never throws, and is what was written', () => {
    const near = fc.tuple(fc.constantFrom('building:', 'floor:', 'room:', 'device:', ''), fc.string());
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string({ unit: 'binary' }),
          near.map(([kind, rest]) => kind + rest),
        ),
        (text) => {
          const read = parseScope(text);
          if (read !== undefined) expect(scopeText(read)).toBe(text);
        },
      ),
    );
  });
});
