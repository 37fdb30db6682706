import { expect, test } from 'vitest';
import type { Signal } from '../../../gateway/core/signal.ts';
import { PartsRig } from './parts-rig.ts';

function press(rig: PartsRig, counter = 1): void {
  const body = { type: 'press', button: 0, pattern: 'single' } as const;
  const identity = { epoch: 1, counter };
  const signal: Signal = {
    input: 'bus-1',
    device: 'wb-101',
    authenticated: true,
    capturedMs: rig.monoMs,
    identity,
    body,
  };
  rig.parts.signals.signal(signal);
}

function states(rig: PartsRig): readonly string[] {
  return rig.published('alert').map(({ id, state, timeline }) => {
    return [`${id} ${state}`, ...Object.keys(timeline).slice(1)].join(' ');
  });
}

test('an alert is published when it is raised and acknowledged, and its other steps within 25 ms together', () => {
  const rig = new PartsRig();
  press(rig);
  expect(states(rig)).toEqual(['wb-101.1.1 raised']);
  const [attempt] = rig.attempts();
  rig.parts.dispatcher.queue('central').sent(attempt?.attempt ?? 0, rig.monoMs);
  rig.pass(24);
  expect(states(rig)).toHaveLength(1);
  rig.answer({ type: 'receiverAcknowledged' });
  expect(states(rig).slice(1)).toEqual(['wb-101.1.1 acknowledged sent acknowledged']);
  rig.makeDurable();
  rig.parts.alerts.published(1, rig.monoMs);
  rig.pass(24);
  expect(states(rig)).toHaveLength(2);
  rig.pass(1);
  expect(states(rig).slice(2)).toEqual(['wb-101.1.1 acknowledged sent acknowledged journalled published']);
  rig.pass(1_000);
  expect(states(rig)).toHaveLength(3);
});

test('a press that is sent and not answered is shown as sent', () => {
  const rig = new PartsRig();
  press(rig);
  const [attempt] = rig.attempts();
  rig.parts.dispatcher.queue('central').sent(attempt?.attempt ?? 0, rig.monoMs);
  rig.pass(25);
  expect(states(rig).slice(1)).toEqual(['wb-101.1.1 sent sent']);
});

test('what is gathered goes with an end, which is published at once, and never after it', () => {
  const rig = new PartsRig();
  press(rig);
  rig.answer({ type: 'receiverAcknowledged' });
  rig.parts.alerts.close('wb-101.1.1', 'cancelled', 'kim', 'leant on it');
  const said = ['wb-101.1.1 raised', 'wb-101.1.1 acknowledged acknowledged', 'wb-101.1.1 cancelled acknowledged'];
  expect(states(rig)).toEqual(said);
  rig.pass(1_000);
  expect(states(rig)).toHaveLength(3);
});

test('an alert that is closed before a receiver has it is published to its last step', () => {
  const rig = new PartsRig();
  press(rig);
  rig.parts.alerts.close('wb-101.1.1', 'resolved', 'kim', 'all is well');
  rig.answer({ type: 'receiverAcknowledged' });
  expect(states(rig)).toEqual(['wb-101.1.1 raised', 'wb-101.1.1 resolved', 'wb-101.1.1 resolved acknowledged']);
  rig.pass(1_000);
  expect(states(rig)).toHaveLength(3);
});

test('NOT CONFIRMED waits for nothing', () => {
  const rig = new PartsRig();
  press(rig);
  rig.pass(9_999);
  const before = rig.published('alert').length;
  rig.pass(1);
  const [due, ...more] = rig.published('alert').slice(before);
  expect([due?.not_confirmed, more]).toEqual([true, []]);
});

test('in a storm the last steps of many alerts share one timer', () => {
  const rig = new PartsRig();
  for (let counter = 1; counter <= 4; counter += 1) press(rig, counter);
  for (const { attempt } of rig.attempts()) rig.parts.dispatcher.queue('central').sent(attempt, rig.monoMs);
  rig.answer({ type: 'receiverAcknowledged' });
  rig.makeDurable();
  for (let number = 1; number <= 4; number += 1) rig.parts.alerts.published(number, rig.monoMs);
  const { size } = rig.context.timers;
  rig.pass(25);
  expect(rig.context.timers.size).toBe(size - 1);
  expect(rig.published('alert')).toHaveLength(12);
});

test('an alert whose step waits to be published is not packed before', () => {
  const rig = new PartsRig(undefined, 7, { openMax: 100, fullMax: 0 });
  press(rig);
  for (const { attempt } of rig.attempts()) rig.parts.dispatcher.queue('central').sent(attempt, rig.monoMs);
  rig.answer({ type: 'receiverAcknowledged' });
  rig.parts.alerts.published(1, rig.monoMs);
  rig.makeDurable();
  rig.parts.alerts.settled.compact(4);
  expect([...rig.parts.alerts.open()]).toHaveLength(1);
  rig.pass(25);
  expect(rig.published('alert').at(-1)?.timeline).toHaveProperty('published');
  press(rig, 2);
  rig.answer({ type: 'receiverAcknowledged' });
  rig.makeDurable();
  rig.pass(25);
  rig.parts.alerts.settled.compact(4);
  expect([...rig.parts.alerts.open()].map(({ id }) => id)).not.toContain('wb-101.1.1');
});
