import { expect, test } from 'vitest';
import type { PressPattern } from '../../../protocol/press-pattern.ts';
import { device, site } from '../../simulation/site.ts';
import { PartsRig, quietPath, quietSite } from './parts-rig.ts';

class Buttons extends PartsRig {
  #counter = 0;

  press(button: number, pattern: PressPattern = 'single', number = 101, part = 0): void {
    const device = this.context.site.devices.get(`wb-${number}`);
    if (device === undefined) throw new Error('no such device');
    if (part === 0) this.#counter += 1;
    const identity = { epoch: 1, counter: this.#counter };
    const how = { authenticated: true, capturedMs: this.monoMs };
    this.parts.signals.presses.press({ device, identity, button, pattern, part, ...how });
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

/** Sends `hold` first, and then what the press was. */
const SAYS_HOW_HOLD_ENDS = { saysHowHoldEnds: true } as const;
const CLICKER = site([device(101, SAYS_HOW_HOLD_ENDS), device(102, SAYS_HOW_HOLD_ENDS)], [quietPath('central')]);

type Steps = readonly (PressPattern | number)[];

/** The device says every 0.9 s that the button is held. */
function heldFor(ms: number): Steps {
  return Array.from({ length: ms / 900 }).flatMap(() => ['hold', 900] as const);
}

/** Buttons 0 (hold-up, long: medical) and 1 (medical) of a tag that sends `hold` first. */
function clicked(button: number, steps: Steps, of = CLICKER): Buttons {
  const buttons = new Buttons(of);
  for (const step of steps) {
    if (typeof step === 'number') buttons.pass(step);
    else buttons.press(button, step);
  }
  return buttons;
}

test.each<[string, Steps, readonly string[]]>([
  ['one click: hold, then press', ['hold', 900, 'single'], ['medical']],
  ['one long press', ['hold', 900, 'hold', 900, 'long'], ['medical']],
  ['a long press with one hold, let go 7 s later', ['hold', 7_200, 'long'], ['medical']],
  ['a triple click in its slowest setting', ['hold', 3_000, 'triple'], ['medical']],
  ['a hold whose end is lost', ['hold', 20_000], ['medical']],
  ['two clicks', ['hold', 900, 'single', 600, 'hold', 900, 'single'], ['medical', 'medical']],
  ['two clicks, the hold of the first lost', ['single', 600, 'hold', 900, 'single'], ['medical', 'medical']],
  ['a click long after a hold whose end was lost', ['hold', 3_101, 'single'], ['medical', 'medical']],
  ['a button held for ten seconds', Array.from({ length: 22 }, (_, at) => (at % 2 ? 900 : 'hold')), ['medical']],
])('a button with one kind is one alert at its first sign: %s', (_, steps, kinds) => {
  const buttons = new Buttons(CLICKER);
  buttons.press(1, steps[0] as PressPattern);
  expect(buttons.kinds()).toEqual(['medical']);
  expect(clicked(1, steps).kinds()).toEqual(kinds);
});

test.each<[string, Steps, readonly string[]]>([
  ['one click is the press', ['hold', 900, 'single'], ['hold-up']],
  ['hold said again before the click ends is the click', ['hold', 400, 'hold', 900, 'double'], ['hold-up']],
  ['one long press is the long press', ['hold', 900, 'hold', 900, 'long'], ['medical']],
  ['a long press whose hold is lost', ['long'], ['medical']],
  ['a hold that waits raises nothing', ['hold', 2_999], []],
  ['a hold whose end is lost is the press', ['hold', 3_000], ['hold-up']],
  ['hold said again and again is a long press', ['hold', 900, 'hold', 2_100], ['medical']],
  ['its end, heard late, belongs to it', ['hold', 900, 'hold', 900, 'hold', 4_000, 'long'], ['medical']],
  ['a button held for a minute is one long press', [...heldFor(60_000), 'long'], ['medical']],
  ['a click whose hold is lost, and a long press', ['single', 600, 'hold', 900, 'long'], ['hold-up', 'medical']],
  ['a button held for a minute, the end lost', heldFor(60_000), ['medical']],
  ['held for a minute, and clicked later', [...heldFor(60_000), 'long', 5_000, 'single'], ['medical', 'hold-up']],
  ['a long press with one hold, let go after the wait, is both', ['hold', 7_200, 'long'], ['hold-up', 'medical']],
  ['two clicks', ['hold', 900, 'single', 100, 'hold', 900, 'single'], ['hold-up', 'hold-up']],
  ['a click and a long press', ['hold', 900, 'single', 600, 'hold', 900, 'long'], ['hold-up', 'medical']],
  ['a click, said to be held on afterwards', ['single', 900, 'long'], ['hold-up', 'medical']],
])('where the end of a hold decides the kind, the hold waits for it: %s', (_, steps, kinds) => {
  expect(clicked(0, steps).kinds()).toEqual(kinds);
});

test('a hold that waited is the alert of its first message, and says so in the journal', () => {
  const buttons = clicked(0, ['hold', 900, 'single']);
  const records = buttons.records().flatMap((record) => (record.t === 'hold' ? [[record.t, record.id]] : []));
  expect(records).toEqual([['hold', 'wb-101.1.1']]);
  expect(buttons.records()).toContainEqual(
    expect.objectContaining({ t: 'alert', id: 'wb-101.1.1', pattern: 'single' }),
  );
  expect(buttons.records()).toContainEqual(expect.objectContaining({ t: 'holdOver', hold: 'wb-101.1.1' }));
});

test('no other wire waits: there a hold is all that is said of a press', () => {
  expect(clicked(0, ['hold'], quietSite()).kinds()).toEqual(['hold-up']);
});

test('in a drill a hold waits if its end may be real, and a long press is', () => {
  const override = { ...CLICKER, drillOverride: new Set<PressPattern>(['long']) };
  const buttons = new Buttons(override);
  buttons.parts.drills.start({ scope: 'room:A/1/101', minutes: 5, by: 'kim', reason: 'drill' });
  for (const step of ['hold', 900, 'hold', 900, 'long', 4_000, 'hold', 900, 'single'] as const) {
    if (typeof step === 'number') buttons.pass(step);
    else buttons.press(1, step);
  }
  const alerts = buttons.records().flatMap((record) => (record.t === 'alert' ? [record.report.exercise] : []));
  expect(alerts).toEqual([undefined, 'drill']);
});

test.each<[string, Steps | readonly (PressPattern | number | 'start' | 'stop')[], readonly (string | undefined)[]]>([
  ['a drill that begins after the hold', ['hold', 500, 'start', 400, 'single'], [undefined]],
  ['a drill that begins after the hold, the end lost', ['hold', 500, 'start', 9_000], [undefined]],
  ['a drill that begins while it is held on', ['hold', 900, 'hold', 500, 'start', 4_000, 'long'], [undefined]],
  ['a drill that ends before the hold does', ['start', 'hold', 500, 'stop', 400, 'single'], [undefined]],
  ['a drill around the whole of it', ['start', 'hold', 900, 'single', 100, 'stop'], ['drill']],
])('a press is a drill only if the drill covers all of it: %s', (_, steps, exercises) => {
  const buttons = new Buttons(CLICKER);
  const drill = { scope: 'site', by: 'kim', reason: 'drill' };
  for (const step of steps) {
    if (typeof step === 'number') buttons.pass(step);
    else if (step === 'start') buttons.parts.drills.start({ ...drill, minutes: 5 });
    else if (step === 'stop') buttons.parts.drills.stop(drill);
    else buttons.press(0, step);
  }
  const alerts = buttons.records().flatMap((record) => (record.t === 'alert' ? [record.report.exercise] : []));
  expect(alerts).toEqual(exercises);
});

test('what waits when the gateway ends is raised before it ends', () => {
  const buttons = clicked(0, ['hold', 500]);
  buttons.parts.signals.presses.raiseAll();
  expect(buttons.kinds()).toEqual(['hold-up']);
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
