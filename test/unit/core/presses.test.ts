import { expect, test } from 'vitest';
import { Presses } from '../../../gateway/core/alerts/presses.ts';
import type { Site } from '../../../gateway/core/site.ts';
import type { PressPattern } from '../../../protocol/press-pattern.ts';
import { PartsRig, quietSite } from './parts-rig.ts';

class Buttons extends PartsRig {
  readonly #presses: Presses;
  #counter = 0;

  constructor(of: Site = quietSite()) {
    super(of);
    this.#presses = new Presses(this.context, this.parts);
  }

  press(button: number, pattern: PressPattern = 'single', number = 101, part = 0): void {
    const device = this.context.site.devices.get(`wb-${number}`);
    if (device === undefined) throw new Error('no such device');
    if (part === 0) this.#counter += 1;
    const identity = { epoch: 1, counter: this.#counter };
    const how = { authenticated: true, capturedMs: this.monoMs };
    this.#presses.press({ device, identity, button, pattern, part, ...how });
    this.take();
  }

  /** Kinds of the alerts raised, in order. */
  kinds(): readonly string[] {
    return this.records().flatMap((record) => (record.t === 'alert' ? [record.kind] : []));
  }
}

test.each([
  ['a press', 0, 'single', ['hold-up']],
  ['a press made in a way that has a kind of its own', 0, 'long', ['medical']],
  ['a press made in another way', 0, 'triple', ['hold-up']],
  ['another button', 1, 'single', ['medical']],
] as const)('%s raises the kind that is configured', (_, button, pattern, kinds) => {
  const buttons = new Buttons();
  buttons.press(button, pattern);
  expect(buttons.kinds()).toEqual(kinds);
});

test('a button that nobody configured raises no alert, and is not passed over', () => {
  const buttons = new Buttons();
  buttons.press(9);
  expect(buttons.kinds()).toEqual([]);
  const notices = buttons.records().filter(({ t }) => t === 'trouble');
  expect(notices).toMatchObject([{ type: 'unknownButton', state: 'notice', text: expect.stringContaining('wb-101') }]);
  expect(buttons.attempts().map(({ report }) => report?.class)).toEqual(['trouble']);
});

test.each([
  ['hold said again while the button is held is one press', ['hold', 1_000, 'hold', 2_900, 'hold'], 1],
  ['hold after a pause is another press', ['hold', 3_000, 'hold'], 2],
  ['hold behind the press it belongs to is the same press', ['single', 500, 'hold'], 1],
  ['presses one by one are each a press, however fast', ['single', 10, 'single', 10, 'single'], 3],
] as const)('%s', (_, steps, alerts) => {
  const buttons = new Buttons();
  for (const step of steps) {
    if (typeof step === 'number') buttons.pass(step);
    else buttons.press(0, step);
  }
  expect(buttons.kinds()).toHaveLength(alerts);
});

test('a button that is held makes no other button deaf', () => {
  const buttons = new Buttons();
  buttons.press(0, 'hold');
  buttons.press(1, 'hold');
  buttons.press(0, 'hold', 102);
  expect(buttons.kinds()).toHaveLength(3);
});

test('two buttons in one message are two alerts with ids of their own, and MQTT is told of both', () => {
  const buttons = new Buttons();
  buttons.press(0);
  buttons.press(1, 'single', 101, 1);
  const ids = ['wb-101.1.1', 'wb-101.1.1.2'];
  expect(buttons.records().flatMap((record) => (record.t === 'alert' ? [record.id] : []))).toEqual(ids);
  expect(buttons.published('event').map(({ event_id, alert }) => [event_id, alert])).toEqual(ids.map((id) => [id, id]));
});

test.each([
  ['within the scope of a drill', 'single', 'drill'],
  ['made in a way that is real even in a drill', 'long', undefined],
] as const)('a press %s', (_, pattern, exercise) => {
  const buttons = new Buttons(quietSite({ drillOverride: new Set<PressPattern>(['long']) }));
  buttons.parts.drills.start({ scope: 'room:A/1/101', minutes: 5, by: 'kim', reason: 'drill' });
  buttons.press(0, pattern);
  const [alert] = buttons.records().flatMap((record) => (record.t === 'alert' ? [record] : []));
  expect(alert?.report.exercise).toBe(exercise);
});

test("the canary's button raises a test, never an alert", () => {
  const canary = { device: 'wb-101', button: 0, intervalMs: 3_600_000, withinMs: 30_000 };
  const buttons = new Buttons(quietSite({ canary }));
  buttons.press(0);
  expect(buttons.kinds()).toEqual([]);
  expect(buttons.attempts().map(({ report }) => [report?.class, report?.exercise])).toEqual([['test', 'test']]);
  expect(buttons.published('event')).toMatchObject([{ type: 'press', device: 'wb-101' }]);
  buttons.press(1);
  expect(buttons.kinds()).toEqual(['medical']);
});
