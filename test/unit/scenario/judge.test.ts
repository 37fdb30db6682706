import { expect, test } from 'vitest';
import type { History, Seen } from '../../../device-sim/scenario/history.ts';
import { judge } from '../../../device-sim/scenario/judge.ts';
import { readScenarioText } from '../../../device-sim/scenario/scenario-file.ts';

type Happening = Parameters<History['add']>[0];

const at = (atMs: number, happening: Happening): Seen => ({ ...happening, atMs });
const step = (atMs: number, name: string) => at(atMs, { type: 'step', line: 1, name, written: 'press: wb-1' });
const pressed = (atMs: number, device = 'wb-1', alert = `${device}.1.1`) =>
  at(atMs, { type: 'pressed', device, alert });
const alertOf = (atMs: number, more: object = {}) => {
  const document = { id: 'wb-1.1.1', kind: 'intruder', device: 'wb-1', text: 'Intruder, Rm 1', mode: 'live', ...more };
  return at(atMs, { type: 'mqtt', topic: `alert/${document.id}`, document });
};
const acknowledged = (atMs: number, more: object = {}) =>
  alertOf(atMs, { paths: { central: { state: 'acknowledged' } }, ...more });
const shown = (atMs: number, text = 'Intruder, Rm 1', id?: string) =>
  at(atMs, {
    type: 'shown',
    path: 'central',
    displayed: { text, ...(id === undefined ? {} : { id }), firstMs: 0, shownMs: 0, repeats: 0 },
  });
const led = (atMs: number, shows: 'green' | 'red' | 'off') => at(atMs, { type: 'led', device: 'wb-1', led: shows });
const trouble = (atMs: number, state: string, more: object = {}) => {
  const document = { id: 't1', type: 'inputDown', state, text: 'Input down', input: 'bus-1', since_at: 'a', ...more };
  return at(atMs, { type: 'mqtt', topic: `trouble/${document.id}`, document });
};
const door = (atMs: number, state: string) =>
  at(atMs, { type: 'mqtt', topic: 'dev/wb-1/state', document: { points: { door: { state } } } });
const journal = (verifies: boolean) => at(9, { type: 'journal', verifies, detail: 'segment 1 is altered' });

function expectation(written: string) {
  const scenario = readScenarioText(
    's.yaml',
    `name: N\nsite: small\ntimeline: [{ press: wb-1, name: s }]\nexpect:\n  - ${written}\n`,
    [],
  );
  const [only] = scenario?.expect ?? [];
  if (only === undefined) throw new Error(`not read: ${written}`);
  return only;
}

test.each<[what: string, written: string, kept: readonly Seen[], broken: readonly Seen[], why: RegExp]>([
  ['an alert', '{ alert: intruder, from: wb-1 }', [pressed(0), alertOf(5)], [pressed(0)], /no such alert was raised/],
  [
    'an alert of this kind',
    '{ alert: intruder }',
    [pressed(0), alertOf(5)],
    [pressed(0), alertOf(5, { kind: 'medical' })],
    /no such alert/,
  ],
  [
    'an alert from this device',
    '{ alert: any, from: wb-1 }',
    [alertOf(5)],
    [alertOf(5, { device: 'wb-2' })],
    /no such alert/,
  ],
  [
    'an acknowledgement on this path',
    '{ alert: intruder, acknowledged: central }',
    [pressed(0), alertOf(2), acknowledged(5)],
    [pressed(0), acknowledged(5, { paths: { pager: { state: 'acknowledged' }, central: { state: 'sending' } } })],
    /none was acknowledged on central/,
  ],
  [
    'its bound, from the press',
    '{ alert: intruder, acknowledged: central, within: 2s }',
    [pressed(9000), acknowledged(11_000)],
    [pressed(9000), acknowledged(11_001)],
    /came after 2 s, not within 2 s/,
  ],
  [
    'its bound, from a step',
    '{ alert: intruder, within: 1s, since: s }',
    [step(5000, 's'), pressed(4000), alertOf(6000)],
    [step(5000, 's'), pressed(4000), alertOf(6001)],
    /not within 1 s/,
  ],
  [
    'a part of its text',
    '{ alert: intruder, text: Rm 1 }',
    [alertOf(1)],
    [alertOf(1, { text: 'Intruder' })],
    /none fits/,
  ],
  [
    'a field of its document',
    '{ alert: intruder, has: { mode: drill } }',
    [alertOf(1, { mode: 'drill' })],
    [alertOf(1)],
    /none fits/,
  ],
  [
    'so many alerts and no more',
    '{ alert: intruder, times: 1 }',
    [alertOf(1)],
    [alertOf(1), alertOf(2, { id: 'wb-1.1.2' })],
    /2 alerts were raised, not 1/,
  ],
  [
    'so many alerts and no fewer',
    '{ alert: intruder, times: 2 }',
    [alertOf(1), alertOf(2, { id: 'wb-1.1.2' })],
    [alertOf(1)],
    /1 of 2 alerts/,
  ],
  ['no alert', '{ noAlert: wb-2 }', [alertOf(1)], [alertOf(1, { device: 'wb-2' })], /was raised/],
  ['what a person sees', '{ shown: central, text: Rm 1 }', [shown(1)], [shown(1, 'Intruder')], /not displayed/],
  [
    'that it is seen once',
    '{ shown: central, from: wb-1, times: 1 }',
    [pressed(0), alertOf(1), shown(2)],
    [pressed(0), alertOf(1), shown(2), shown(3)],
    /displayed 2 times, not 1/,
  ],
  [
    'that it is seen, though the broker is dead and says nothing of the alert',
    '{ shown: central, from: wb-1 }',
    [pressed(0), shown(2, 'Intruder', 'wb-1.1.1')],
    [pressed(0), shown(2, 'Intruder', 'wb-2.1.1')],
    /not displayed/,
  ],
  ['that it is not seen', '{ shown: central, times: 0 }', [], [shown(3)], /displayed 1 times, not 0/],
  [
    'a trouble',
    '{ trouble: inputDown, of: bus-1 }',
    [trouble(1, 'standing')],
    [trouble(1, 'standing', { input: 'bus-2' })],
    /no such trouble was raised/,
  ],
  [
    'a trouble in time',
    '{ trouble: inputDown, within: 1s }',
    [trouble(1000, 'standing')],
    [trouble(1001, 'standing')],
    /not within/,
  ],
  ['a restoral', '{ restored: inputDown }', [trouble(5, 'restored')], [trouble(1, 'standing')], /was restored/],
  [
    'no trouble',
    '{ noTrouble: any }',
    [trouble(-5, 'standing'), trouble(5, 'standing')],
    [trouble(5, 'standing')],
    /was raised/,
  ],
  [
    'what the wall shows',
    '{ wall: wb-1, shows: green }',
    [pressed(1), led(2, 'green')],
    [led(0, 'green'), pressed(1)],
    /shows green/,
  ],
  [
    'what the wall shows to the end',
    '{ wall: wb-1, shows: off, stays: true }',
    [pressed(1), led(9, 'off')],
    [pressed(1), led(2, 'green'), led(3, 'off')],
    /it showed green/,
  ],
  [
    'that an alert which is over does not come back',
    '{ noAlert: wb-1, since: s }',
    [alertOf(1, { state: 'cancelled' }), step(5, 's'), alertOf(6, { state: 'cancelled' })],
    [alertOf(1, { state: 'cancelled' }), step(5, 's'), alertOf(6, { state: 'raised' })],
    /was raised at 6 ms/,
  ],
  [
    'a document over MQTT',
    '{ mqtt: dev/+/state, has: { points: { door: { state: open } } } }',
    [door(1, 'open')],
    [door(1, 'closed')],
    /no such document/,
  ],
  ['a journal that verifies', '{ journal: verifies }', [journal(true)], [journal(false)], /altered/],
])('%s is expected: it is met when kept, and fails when broken', (_, written, kept, broken, why) => {
  expect(judge(expectation(written), kept, true)).toMatchObject({ state: 'met' });
  const verdict = judge(expectation(written), broken, true);
  expect(verdict).toMatchObject({ state: 'failed' });
  expect(verdict.state === 'failed' && verdict.why).toMatch(why);
});

test('of a storm each alert has its own bound, from its own press', () => {
  const press = (n: number, ms: number) => pressed(ms, 'wb-1', `wb-1.1.${n}`);
  const raised = (n: number, ms: number) => acknowledged(ms, { id: `wb-1.1.${n}` });
  const all = expectation('{ alert: any, acknowledged: central, times: 2, within: 1s }');
  expect(judge(all, [press(1, 0), press(2, 5000), raised(1, 900), raised(2, 5900)], true).state).toBe('met');
  expect(judge(all, [press(1, 0), press(2, 5000), raised(1, 1200), raised(2, 5900)], true)).toMatchObject({
    state: 'failed',
    why: 'it came after 1.2 s, not within 1 s',
  });
});

test('before the end, what may still come true is pending until its bound, and a count until the end', () => {
  expect(judge(expectation('{ alert: any, within: 2s }'), [pressed(500)], false)).toEqual({
    state: 'pending',
    untilMs: 2500,
  });
  const once = judge(expectation('{ alert: any, times: 1 }'), [pressed(500), alertOf(600)], false);
  expect(once).toEqual({ state: 'pending', untilMs: Number.POSITIVE_INFINITY });
  expect(judge(expectation('{ noAlert: any }'), [alertOf(600)], false).state).toBe('failed');
});
