import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readCommand } from '../../protocol/gateway-command.ts';
import { parseCommand } from '../../protocol/mqtt-topics.ts';

const START = {
  action: 'start',
  scope: 'building:A',
  minutes: 60,
  tester: 'Maria Lopez',
  reason: 'commissioning',
  at: '2026-11-28T14:05:00.250Z',
};

function read(fields: object) {
  return readCommand('walk-test', { ...fields }, 'ops');
}

test('a start says where, how long, who tests and when it was given; a claimed sender is ignored', () => {
  const at = Date.UTC(2026, 10, 28, 14, 5, 0, 250);
  expect(read({ ...START, by: 'the principal' })).toEqual({
    ok: true,
    command: { command: 'walk-test', ...START, at, by: 'ops' },
  });
});

describe('refused is', () => {
  test.each<[string, object, string]>([
    ['no action', {}, '"action" must be'],
    ['a scope that is none', { ...START, scope: 'all' }, '"scope" must be'],
    ['a whole day', { ...START, minutes: 1440 }, '"minutes" must be'],
    ['half a minute', { ...START, minutes: 0.5 }, '"minutes" must be'],
    ['nobody who tests', { ...START, tester: ' ' }, '"tester" must name'],
    ['a name with an escape sequence', { ...START, tester: '\u001b[2J' }, '"tester" holds control characters'],
    ['a very long name', { ...START, tester: 'x'.repeat(61) }, '"tester" is longer'],
    ['no time: it could be a recording', { ...START, at: undefined }, '"at" must be'],
    ['a time that is none', { ...START, at: '2026-13-28T14:05:00Z' }, '"at" must be'],
    ['a time in milliseconds', { ...START, at: 1_795_000_000_000 }, '"at" must be'],
    ['an output that leads elsewhere', { action: 'show', output: '../siren', reason: 'x' }, '"output" must be'],
  ])('%s', (_, fields, why) => {
    const result = read({ reason: 'x', ...fields });
    expect(result).toMatchObject({ ok: false });
    expect(result.ok ? '' : result.reason).toContain(why);
  });

  test('a start that the broker had retained', () => {
    const topic = 'callpoint/v1/gw-1/cmd/walk-test';
    const received = { topic, payload: JSON.stringify(START), by: 'ops' };
    expect(parseCommand('gw-1', { ...received, retain: true })).toEqual({
      ok: false,
      reason: 'a command must not be retained',
    });
    expect(parseCommand('gw-1', { ...received, retain: false })).toMatchObject({ ok: true });
  });
});

test('whatever is sent, reading it never throws', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.constantFrom(...Object.keys(START), 'output'), fc.anything()), (fields) => {
      expect(typeof read(fields).ok).toBe('boolean');
    }),
  );
});
