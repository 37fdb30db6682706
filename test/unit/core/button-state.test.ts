import { expect, test } from 'vitest';
import { ButtonState } from '../../../gateway/core/devices/button-state.ts';

test.each<[string, readonly (readonly [value: string, atMs: number])[], readonly string[]]>([
  [
    'a state that is published again is no news',
    [
      ['OFF', 0],
      ['OFF', 9],
      ['ON', 500],
      ['ON', 600],
      ['ON', 90_000],
    ],
    ['first', 'same', 'changed', 'same', 'same'],
  ],
  [
    'a contact bounces when it closes',
    [
      ['OFF', 0],
      ['ON', 500],
      ['OFF', 530],
      ['ON', 560],
    ],
    ['first', 'changed', 'bounced', 'bounced'],
  ],
  [
    'and when it opens',
    [
      ['ON', 0],
      ['OFF', 5_000],
      ['ON', 5_010],
      ['OFF', 5_020],
    ],
    ['first', 'changed', 'bounced', 'bounced'],
  ],
  [
    'a finger is slower',
    [
      ['OFF', 0],
      ['ON', 500],
      ['OFF', 600],
      ['ON', 700],
    ],
    ['first', 'changed', 'changed', 'changed'],
  ],
])('%s', (_, said, changes) => {
  const state = new ButtonState();
  expect(said.map(([value, atMs]) => state.hear(value, atMs))).toEqual(changes);
});

test('the state of an earlier run is compared with, unless this run has heard another', () => {
  const state = new ButtonState();
  state.recover('ON');
  expect([state.hear('ON', 0), state.hear('OFF', 1_000)]).toEqual(['same', 'changed']);
  state.recover('ON');
  expect(state.saved).toBe('OFF');
});

test('a retained state says nothing of when it began, so what follows at once is no bouncing', () => {
  const state = new ButtonState();
  expect([state.hear('ON', 0), state.hear('OFF'), state.hear('ON', 20)]).toEqual(['first', 'changed', 'changed']);
});
