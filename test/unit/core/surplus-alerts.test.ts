import { expect, test } from 'vitest';
import type { AlertBounds } from '../../../gateway/core/alerts/surplus-alerts.ts';
import type { Signal } from '../../../gateway/core/signal.ts';
import type { Site } from '../../../gateway/core/site.ts';
import { KeptState } from '../../../gateway/journal/kept-state.ts';
import type { PressPattern } from '../../../protocol/press-pattern.ts';
import { device, inTurn } from '../../simulation/site.ts';
import { PartsRig, quietPath, quietSite } from './parts-rig.ts';

const DEVICES = [101, 102, 103].map((number) => device(number, { heartbeatMs: 0 }));
const PATHS = [quietPath('central'), quietPath('desk')];
const SITE: Site = {
  ...quietSite({ devices: new Map(DEVICES.map((each) => [each.id, each])), paths: PATHS }),
  plan: inTurn(PATHS, 0),
};
const OPEN_MAX = 40;
/** Younger alerts are kept beyond the bound, up to this many. */
const YOUNG_MAX = 4 * OPEN_MAX;
const MINUTE_MS = 60_000;

/** Presses of a day, with what the journal and the broker keep of them. */
class Day {
  readonly rig: PartsRig;
  readonly kept = new KeptState();
  /** The alerts whose documents the broker retains. */
  readonly retained = new Set<string>();
  readonly raised: string[] = [];
  readonly reports: string[] = [];
  #counter = 0;

  constructor(bounds: AlertBounds = { openMax: OPEN_MAX, fullMax: 4 }) {
    this.rig = new PartsRig(SITE, 7, bounds);
  }

  signal(from: string, pattern: PressPattern = 'single', counter = ++this.#counter): Signal {
    const body = { type: 'press', button: 0, pattern } as const;
    const identity = { epoch: 1, counter };
    return { input: 'bus-1', device: from, authenticated: true, capturedMs: this.rig.monoMs, identity, body };
  }

  /** A press that both receivers acknowledge, and that is durable. */
  press(from: string, pattern?: PressPattern): string {
    this.rig.parts.signals.signal(this.signal(from, pattern));
    this.settle();
    return this.raised.at(-1) ?? '';
  }

  settle(): void {
    // Each answer makes room for the next attempt.
    for (let before = -1; before < this.rig.attempts().length; ) {
      before = this.rig.attempts().length;
      this.rig.answer({ type: 'receiverAcknowledged' });
    }
    this.rig.makeDurable();
    this.#carryOut();
  }

  pass(ms: number): void {
    this.rig.pass(ms);
    this.settle();
  }

  get journalled(): readonly string[] {
    return this.kept.entries().flatMap(({ holds = '' }) => (holds.startsWith('alert:') ? [holds.slice(6)] : []));
  }

  #carryOut(): void {
    for (const effect of this.rig.effects) {
      if (effect.type === 'journal') {
        this.kept.add(effect.entry, 1, 100);
        if (effect.entry.record.t === 'alert') this.raised.push(effect.entry.record.id);
      } else if (effect.type === 'publish' && effect.publication.kind === 'alert') {
        const { id, state } = effect.publication.document;
        if (state === 'resolved' || state === 'cancelled') this.retained.delete(id);
        else this.retained.add(id);
      } else if (effect.type === 'send' && effect.attempt.report !== undefined) {
        const { class: reportClass, follows } = effect.attempt.report;
        if (reportClass !== 'alarm') this.reports.push(`${effect.attempt.path} ${reportClass} ${follows}`);
      }
    }
    this.rig.effects.length = 0;
  }
}

test.each([1_000, 3_000])(
  'a bounded number of alerts is kept of a day of %d presses that nobody resolves',
  (presses) => {
    const day = new Day();
    for (let press = 0; press < presses; press += 1) {
      day.press(`wb-${101 + (press % 3)}`);
      day.pass(20);
      expect(day.rig.parts.alerts.size).toBeLessThan(YOUNG_MAX + 20);
    }
    expect(day.raised).toHaveLength(presses);
    for (let minute = 0; minute < 12; minute += 1) day.pass(MINUTE_MS);
    const newest = day.raised.slice(-OPEN_MAX);
    expect(day.rig.parts.alerts.size).toBe(OPEN_MAX);
    expect(day.journalled.toSorted()).toEqual(newest.toSorted());
    expect([...day.retained].toSorted()).toEqual(newest.toSorted());
  },
);

test('a button that is pressed all day ends no alert of another button or kind', () => {
  const day = new Day();
  const alone = [day.press('wb-102'), day.press('wb-101', 'long'), day.press('wb-103')];
  for (let press = 0; press < 150; press += 1) {
    day.press('wb-101');
    day.pass(MINUTE_MS);
  }
  expect([...day.retained].slice(0, 3)).toEqual(alone);
  expect(day.retained.size).toBeLessThanOrEqual(OPEN_MAX + 1);
});

test('an alert of each button stays, however few alerts may be open', () => {
  const day = new Day({ openMax: 1, fullMax: 0 });
  for (const { id } of [...DEVICES, ...DEVICES]) day.press(id);
  for (let minute = 0; minute < 30; minute += 1) day.pass(MINUTE_MS);
  expect([...day.retained].map((id) => id.split('.')[0])).toEqual(DEVICES.map(({ id }) => id));
});

test('in the first ten minutes no receiver hears of an end that nobody has decided', () => {
  const day = new Day();
  for (let press = 0; press < YOUNG_MAX; press += 1) day.press('wb-101');
  for (let minute = 0; minute < 9; minute += 1) day.pass(MINUTE_MS);
  expect(day.reports).toEqual([]);
  for (let second = 0; second < 120; second += 1) day.pass(1_000);
  const ended = day.raised.slice(0, -OPEN_MAX).flatMap((id) => [`central restore ${id}`, `desk restore ${id}`]);
  expect(day.reports.toSorted()).toEqual(ended.toSorted());
});

test('a late repeat of a press whose alert was resolved so raises no second alert', () => {
  const day = new Day();
  for (let press = 0; press < YOUNG_MAX + 100; press += 1) day.press('wb-101');
  for (let minute = 0; minute < 30; minute += 1) day.pass(MINUTE_MS);
  const { length } = day.raised;
  expect(day.retained.size).toBe(OPEN_MAX);
  for (let counter = 1; counter <= length; counter += 1) {
    day.rig.parts.signals.signal(day.signal('wb-101', 'single', counter));
  }
  day.settle();
  expect(day.raised).toHaveLength(length);
});

test('an alert that the gateway resolved so is over, and every other can be cancelled', () => {
  const day = new Day();
  for (let press = 0; press < YOUNG_MAX + 10; press += 1) day.press('wb-101');
  day.pass(1_000);
  const answers = day.raised.map((id) => day.rig.parts.alerts.close(id, 'cancelled', 'kim', 'leant on it'));
  expect(answers).toEqual([...Array(10).fill(false), ...Array(YOUNG_MAX).fill(true)]);
  day.settle();
  expect([day.rig.parts.alerts.size, day.retained.size, day.journalled.length]).toEqual([0, 0, 0]);
});

test('while presses come one alert is resolved at a time, and many once it is quiet', () => {
  const day = new Day();
  for (let press = 0; press < YOUNG_MAX + 100; press += 1) day.press('wb-101');
  const { size } = day.rig.parts.alerts;
  day.rig.parts.signals.signal(day.signal('wb-102'));
  day.rig.pass(20);
  expect(day.rig.parts.alerts.size).toBe(size + 1 - 1);
  day.settle();
  day.pass(20);
  expect(day.rig.parts.alerts.size).toBe(size - 16);
});
