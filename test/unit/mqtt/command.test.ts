import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseScope } from '../../../protocol/drill-scope.ts';
import type { GatewayCommand } from '../../../protocol/gateway-command.ts';
import { parseCommand } from '../../../protocol/mqtt-topics.ts';

describe('a command', () => {
  const topic = 'callpoint/v1/school/cmd/resolve';
  const good = { topic, payload: '{"alert":"n1.1.7","reason":"police on site"}', retain: false, by: 'desk' };

  test('names an alert and a reason; who sent it is never taken from it', () => {
    expect(parseCommand('school', { ...good, payload: '{"alert":"n1.1.7","reason":"ok","by":"chief"}' })).toEqual({
      ok: true,
      command: { command: 'resolve', alert: 'n1.1.7', reason: 'ok', by: 'desk' },
    });
    expect(parseCommand('school', { ...good, topic: 'callpoint/v1/school/cmd/cancel' })).toMatchObject({
      command: { command: 'cancel' },
    });
  });

  function enrol(change: object) {
    const payload = JSON.stringify({ device: 'tag-105', reason: 'battery changed', ...change });
    return { topic: 'callpoint/v1/school/cmd/enrol', payload };
  }

  test('to enrol names a device, a reason, and for how long: five minutes unless it says otherwise', () => {
    const asked = { command: 'enrol', device: 'tag-105', minutes: 5, reason: 'battery changed', by: 'desk' };
    expect(parseCommand('school', { ...good, ...enrol({ by: 'chief' }) })).toEqual({ ok: true, command: asked });
    expect(parseCommand('school', { ...good, ...enrol({ minutes: 60 }) })).toMatchObject({ command: { minutes: 60 } });
  });

  function drill(change: object) {
    const payload = JSON.stringify({ action: 'start', scope: 'building:A', minutes: 15, reason: 'autumn', ...change });
    return { topic: 'callpoint/v1/school/cmd/drill', payload };
  }

  test('to start a drill says where and for how long', () => {
    const asked = { command: 'drill', action: 'start', scope: 'building:A', minutes: 15, reason: 'autumn', by: 'desk' };
    expect(parseCommand('school', { ...good, ...drill({}) })).toEqual({ ok: true, command: asked });
    expect(parseCommand('school', { ...good, ...drill({ scope: 'room:A/1/Room 5', minutes: 240 }) })).toMatchObject({
      command: { scope: 'room:A/1/Room 5', minutes: 240 },
    });
  });

  test('to stop drills ends all of them, or those of one scope', () => {
    const all = drill({ action: 'stop', scope: undefined, minutes: undefined });
    const asked = { command: 'drill', action: 'stop', scope: 'all', minutes: 0, reason: 'autumn', by: 'desk' };
    expect(parseCommand('school', { ...good, ...all })).toEqual({ ok: true, command: asked });
    expect(parseCommand('school', { ...good, ...drill({ action: 'stop', scope: 'all' }) })).toMatchObject({ ok: true });
    expect(parseCommand('school', { ...good, ...drill({ action: 'stop', scope: 'floor:A/1' }) })).toMatchObject({
      command: { scope: 'floor:A/1', minutes: 0 },
    });
  });

  test('to press the canary needs a reason alone', () => {
    const canary = { topic: 'callpoint/v1/school/cmd/canary', payload: '{"reason":"after the move"}' };
    expect(parseCommand('school', { ...good, ...canary })).toEqual({
      ok: true,
      command: { command: 'canary', reason: 'after the move', by: 'desk' },
    });
  });

  test.each([
    ['is retained', { retain: true }, 'retained'],
    ['is unknown', { topic: 'callpoint/v1/school/cmd/reboot' }, 'no such command'],
    ['is for another gateway', { topic: 'callpoint/v1/other/cmd/resolve' }, 'no command of this gateway'],
    ['is empty', { payload: '' }, 'JSON'],
    ['is an array', { payload: '["n1.1.7"]' }, 'JSON object'],
    ['is null', { payload: 'null' }, 'JSON object'],
    ['lacks the alert', { payload: '{"reason":"x"}' }, '"alert"'],
    ['has a path for an alert', { payload: '{"alert":"../x","reason":"x"}' }, '"alert"'],
    ['has an endless alert', { payload: JSON.stringify({ alert: 'x'.repeat(129), reason: 'x' }) }, '"alert"'],
    ['lacks the reason', { payload: '{"alert":"n1.1.7"}' }, '"reason"'],
    ['has a blank reason', { payload: '{"alert":"n1.1.7","reason":"  "}' }, '"reason"'],
    ['has an endless reason', { payload: JSON.stringify({ alert: 'n', reason: 'x'.repeat(501) }) }, '"reason"'],
    ['has a line break in its reason', { payload: '{"alert":"n","reason":"a\\nb"}' }, 'control'],
    ['turns the writing direction', { payload: '{"alert":"n","reason":"a\\u202eb"}' }, 'control'],
    ['is too long', { payload: `{"alert":"n","reason":"x","pad":"${'x'.repeat(4096)}"}` }, 'longer'],
    ['enrols without a device', enrol({ device: undefined }), '"device"'],
    ['enrols a path', enrol({ device: '../tag' }), '"device"'],
    ['enrols for no time', enrol({ minutes: 0 }), '"minutes"'],
    ['enrols for more than an hour', enrol({ minutes: 61 }), '"minutes"'],
    ['enrols for part of a minute', enrol({ minutes: 1.5 }), '"minutes"'],
    ['enrols for a text', enrol({ minutes: '5' }), '"minutes"'],
    ['enrols without a reason', enrol({ reason: ' ' }), '"reason"'],
    ['drills without an action', drill({ action: undefined }), '"action"'],
    ['drills to and fro', drill({ action: 'toggle' }), '"action"'],
    ['drills nowhere', drill({ scope: undefined }), '"scope"'],
    ['starts all drills', drill({ scope: 'all' }), '"scope"'],
    ['drills in a list of places', drill({ scope: ['site'] }), '"scope"'],
    ['drills with no end', drill({ minutes: undefined }), '"minutes"'],
    ['drills for more than four hours', drill({ minutes: 241 }), '"minutes"'],
    ['drills for less than a minute', drill({ minutes: 0.5 }), '"minutes"'],
    ['drills without a reason', drill({ reason: undefined }), '"reason"'],
    ['stops drills in no place there could be', drill({ action: 'stop', scope: 'building:' }), '"scope"'],
    ['starts a drill retained', { ...drill({}), retain: true }, 'retained'],
    ['presses the canary without a reason', { topic: 'callpoint/v1/school/cmd/canary', payload: '{}' }, '"reason"'],
    ['enrols retained', { ...enrol({}), retain: true }, 'retained'],
  ])('that %s is refused with the reason', (_what, change, why) => {
    const result = parseCommand('school', { ...good, ...change });
    expect(result.ok).toBe(false);
    expect(!result.ok && result.reason).toContain(why);
  });

  test('of any content whatever never throws, and what is honoured is bounded', () => {
    const name = fc.constantFrom('resolve', 'cancel', 'enrol', 'drill', 'canary', 'reboot', '', 'constructor', '+');
    const nearly = (...likely: unknown[]) =>
      fc.oneof({ arbitrary: fc.constantFrom(...likely), weight: 6 }, fc.string(), fc.jsonValue());
    const fields = fc.record(
      {
        alert: nearly('wb-101.1.4'),
        device: nearly('tag-105'),
        minutes: nearly(15, 0, '15'),
        reason: nearly('autumn', ' '),
        action: nearly('start', 'stop'),
        scope: nearly('site', 'all', 'room:A/1/101'),
      },
      { requiredKeys: ['reason', 'action'] },
    );
    const payload = fc.oneof(fc.string({ unit: 'binary' }), fc.json(), {
      arbitrary: fields.map((each) => JSON.stringify(each)),
      weight: 4,
    });
    const taken = new Set<string>();
    fc.assert(
      fc.property(name, payload, fc.boolean(), (command, text, retain) => {
        const topic = `callpoint/v1/school/cmd/${command}`;
        const result = parseCommand('school', { topic, payload: text, retain, by: 'desk' });
        if (!result.ok) return;
        expect(retain).toBe(false);
        taken.add(result.command.command);
        expectBounded(result.command);
      }),
      { numRuns: 1000 },
    );
    expect([...taken].sort()).toEqual(['canary', 'cancel', 'drill', 'enrol', 'resolve']);
  });
});

function expectBounded(command: GatewayCommand): void {
  expect(command.by).toBe('desk');
  expect(command.reason.trim()).not.toBe('');
  expect(command.reason.length).toBeLessThanOrEqual(500);
  if ('alert' in command) expect(command.alert).toMatch(/^[A-Za-z0-9._-]{1,128}$/);
  if ('device' in command) expect(command.device).toMatch(/^[A-Za-z0-9._-]{1,128}$/);
  if (command.command !== 'drill') return;
  const stop = command.action === 'stop';
  expect(parseScope(command.scope) !== undefined || (stop && command.scope === 'all')).toBe(true);
  expect(command.minutes).toBeLessThanOrEqual(240);
  expect(command.minutes).toBeGreaterThanOrEqual(stop ? 0 : 1);
}
