import { describe, expect, it } from 'vitest';
import { core } from './core-library.ts';
import { CoreNode } from './core-node.ts';

const [NO_SETTINGS, STORAGE] = [1, 2];
const LIGHTS = ['dark', 'red', 'green', 'amber'];

interface Change {
  readonly at: number;
  readonly light: string | undefined;
  readonly buzzer: boolean;
}

/** What the wall shows for so long, as a board asks: only when something is due. */
function shown(node: CoreNode, ms: number, fault = 0): readonly Change[] {
  const from = node.now;
  const changes: Change[] = [];
  const due: [number] = [0];
  while (node.now < from + ms) {
    const lit = core.indicate(node.host, fault, node.clock, due);
    const change = { at: node.now - from, light: LIGHTS[lit & 3], buzzer: (lit & 4) !== 0 };
    const last = changes.at(-1);
    if (last?.light !== change.light || last?.buzzer !== change.buzzer) changes.push(change);
    node.now += Math.min(due[0], Math.max(1, node.due), from + ms - node.now);
    node.contacts();
    node.frames();
  }
  return changes;
}

const lights = (changes: readonly Change[]) => changes.map(({ at, light }) => [at, light]);

/** A node that has heard its gateway, and whose button 0 was pressed at a full second. */
function pressed(statuses: readonly ('heard' | 'sent' | 'accepted' | 'notConfirmed')[], settings = {}): CoreNode {
  const node = new CoreNode(settings, 5, 8000);
  node.contacts();
  node.run(1000);
  node.obey({ type: 'poll', nodeEpoch: 5 });
  node.run(1000);
  node.close(0);
  const press = node.run(1000).find(({ message }) => message.type === 'press');
  node.now = Math.ceil(node.now / 2000) * 2000;
  for (const status of statuses) node.acknowledge(press?.counter ?? 0, status);
  return node;
}

const ONE_HZ = [0, 500, 1000, 1500].map((at) => [at, at % 1000 === 0 ? 'amber' : 'dark']);
const FOUR_HZ = [0, 125, 250, 375, 500, 625, 750, 875].map((at) => [at, at % 250 === 0 ? 'amber' : 'dark']);

it.each([
  ['heard', ['heard'], 2000, ONE_HZ],
  ['sent', ['sent'], 1000, FOUR_HZ],
  ['sent after heard', ['heard', 'sent'], 1000, FOUR_HZ],
  ['accepted', ['accepted'], 50_000, [[0, 'green']]],
  ['not confirmed, while it calls', ['notConfirmed'], 50_000, [[0, 'red']]],
  ['not confirmed and heard', ['notConfirmed', 'heard'], 50_000, [[0, 'red']]],
  ['accepted after not confirmed', ['heard', 'notConfirmed', 'accepted'], 50_000, [[0, 'green']]],
  ['calling', [], 50_000, [[0, 'dark']]],
] as const)('shows %s', (_name, statuses, ms, expected) => {
  expect(lights(shown(pressed(statuses), ms))).toEqual(expected);
});

it('puts out the green light after a minute, for good', () => {
  expect(lights(shown(pressed(['accepted']), 5_000_000))).toEqual([
    [0, 'green'],
    [60_000, 'dark'],
  ]);
});

it('shows nothing of an older press as soon as another is made', () => {
  const node = pressed(['accepted']);
  node.close(1);
  node.run(6);
  expect(lights(shown(node, 1000))).toEqual([[0, 'dark']]);
});

describe('in silence', () => {
  it.each(['heard', 'sent', 'accepted', 'notConfirmed'] as const)('shows and sounds nothing of %s', (status) => {
    const node = pressed([status], { buzzer: true });
    node.obey({ type: 'silent', nodeEpoch: 5, silent: true });
    expect(shown(node, 20_000)).toEqual([{ at: 0, light: 'dark', buzzer: false }]);
    const button = pressed([status], { buzzer: true, silent: 1 });
    expect(shown(button, 20_000)).toEqual([{ at: 0, light: 'dark', buzzer: false }]);
  });

  it('shows the press of another button', () => {
    const node = pressed(['accepted'], { silent: 0b10 });
    expect(lights(shown(node, 100))).toEqual([[0, 'green']]);
  });
});

it('shows a pressed button red and green in turn, if no gateway was heard since the start', () => {
  const node = new CoreNode({}, 5, 10_000);
  node.contacts();
  expect(lights(shown(node, 1000))).toEqual([[0, 'dark']]);
  node.close(0);
  node.run(500);
  node.now = 12_000;
  const expected = [0, 250, 500, 750].map((at) => [at, at % 500 === 0 ? 'red' : 'green']);
  expect(lights(shown(node, 1000))).toEqual(expected);
});

it('shows faults without a node', () => {
  const node = new CoreNode({}, 5, 10_000);
  expect(lights(shown(node, 4000, NO_SETTINGS))).toEqual(
    [0, 100, 2000, 2100].map((at) => [at, at % 2000 === 0 ? 'red' : 'dark']),
  );
  expect(lights(shown(node, 500, STORAGE))).toEqual(
    [0, 125, 250, 375].map((at) => [at, at % 250 === 0 ? 'red' : 'dark']),
  );
});

it.each([
  [
    'heard',
    [
      [0, true],
      [100, false],
    ],
  ],
  [
    'accepted',
    [
      [0, true],
      [1000, false],
    ],
  ],
  [
    'notConfirmed',
    [
      [0, true],
      [100, false],
      [200, true],
      [300, false],
      [400, true],
      [500, false],
      [5000, true],
      [5100, false],
    ],
  ],
] as const)('sounds %s', (status, expected) => {
  const changes = shown(pressed([status], { buzzer: true }), 5150);
  const sounds = changes.filter(({ buzzer }, i) => buzzer !== (changes[i - 1]?.buzzer ?? false));
  expect(sounds.map(({ at, buzzer }) => [at, buzzer])).toEqual(expected);
});
