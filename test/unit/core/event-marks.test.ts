import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { EventMarks } from '../../../gateway/core/devices/event-marks.ts';

const SECOND = 1_000;

function marks() {
  const heard = new EventMarks();
  let nowMs = 0;
  const hear = (mark: string, value = 'S') => heard.hear({ mark, value, isPress: value !== '' }, nowMs);
  const kept = (mark: string, value = 'S') => heard.hearRetained({ mark, value, isPress: value !== '' });
  const pass = (ms: number) => {
    nowMs += ms;
  };
  return { heard, hear, kept, pass };
}

describe('events that their device marks', () => {
  test('the last mark is a repeat for ever, and any other is a new event', () => {
    const { hear, pass } = marks();
    expect(hear('4')).toBe('new');
    for (let time = 0; time < 100; time++) {
      pass(30 * SECOND);
      expect(hear('4')).toBe('repeat');
    }
    expect(['5', '3', 'x'].map((mark) => hear(mark))).toEqual(['new', 'new', 'new']);
  });

  test.each([
    ['a duplicate that was overtaken', ['4', '5', '4', '5'], ['new', 'new', 'repeat', 'repeat']],
    ['all of a burst again', ['4', '5', '6', '4', '5', '6'], ['new', 'new', 'new', 'repeat', 'repeat', 'repeat']],
    ['a packet id that wraps', ['254', '255', '0', '255', '1'], ['new', 'new', 'new', 'repeat', 'new']],
    ['marks without an order', ['b', 'a', 'b', 'c'], ['new', 'new', 'repeat', 'new']],
  ])('%s', (_, said, told) => {
    const { hear } = marks();
    expect(said.map((mark) => hear(mark))).toEqual(told);
  });

  test('a device that restarts within ten seconds, and says so, counts anew', () => {
    const { heard, hear } = marks();
    expect([hear('0', ''), hear('1'), hear('2')]).toEqual(['new', 'new', 'new']);
    heard.lost();
    expect([hear('0', ''), hear('1'), hear('1'), hear('2')]).toEqual(['new', 'new', 'repeat', 'new']);
  });

  test.each([
    ['that begins at 0 without a loss', false, ['0', '1', '0', '1']],
    ['that was sent again at a new connection', true, ['10.1', '10.6', '10.1', '10.6']],
  ])('a duplicate of a use %s is no press', (_, isLost, [down = '', up = '', again = '', last = '']) => {
    const { heard, hear } = marks();
    expect([hear(down, ''), hear(up)]).toEqual(['new', 'new']);
    if (isLost) heard.lost();
    hear(again, '');
    expect(hear(last)).toBe('repeat');
  });

  test('an earlier mark ten seconds after the next is of a device that counts anew', () => {
    const { hear, pass } = marks();
    hear('4');
    hear('5');
    pass(9_999);
    expect(hear('4')).toBe('repeat');
    pass(1);
    expect(hear('4')).toBe('new');
  });

  test('a device that says that it has restarted counts the same marks again at once', () => {
    const { hear } = marks();
    for (const mark of ['1', '2', '3']) hear(mark);
    hear('0', '');
    expect(['1', '2', '3'].map((mark) => hear(mark))).toEqual(['new', 'new', 'new']);
  });

  test('a restart that looks like an overtaken event keeps no later press from being heard', () => {
    const { hear, pass } = marks();
    hear('0', '');
    hear('1');
    hear('0', '');
    pass(3_600 * SECOND);
    expect(hear('1')).toBe('new');
  });

  test('two events at one time are told apart by what they say, and each is heard once', () => {
    const { hear } = marks();
    const said = [
      hear('1.9', ''),
      hear('1.9', 'S'),
      hear('1.9', 'L'),
      hear('1.9', 'S'),
      hear('1.9', ''),
      hear('1.9', 'L'),
    ];
    expect(said).toEqual(['new', 'new', 'new', 'repeat', 'repeat', 'repeat']);
  });

  test('what the broker had kept before anything was heard is where the counting begins', () => {
    const { hear, kept } = marks();
    expect([kept('4'), hear('4'), hear('5')]).toEqual(['repeat', 'repeat', 'new']);
  });

  test('a retained press that was not heard is told once, and is new if its device says it again', () => {
    const { hear, kept } = marks();
    hear('4');
    expect([kept('4'), kept('5'), kept('5'), hear('5'), kept('5')]).toEqual([
      'repeat',
      'retained',
      'repeat',
      'new',
      'repeat',
    ]);
  });

  test('a restart forgets neither', () => {
    const { heard, hear, kept } = marks();
    hear('4');
    kept('5');
    const after = marks();
    if (heard.saved !== undefined) after.heard.recover(heard.saved);
    expect([after.hear('4'), after.kept('5'), after.hear('5')]).toEqual(['repeat', 'repeat', 'new']);
  });

  test('the memory is bounded, whatever is sent', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.string(), fc.string()), { maxLength: 300, size: 'max' }), (said) => {
        const { heard, hear, kept } = marks();
        for (const [mark, value] of said) {
          hear(mark, value);
          hear('same', value);
          kept(mark, value);
        }
        expect(heard.saved?.values.length ?? 0).toBeLessThanOrEqual(8);
      }),
    );
  });
});
