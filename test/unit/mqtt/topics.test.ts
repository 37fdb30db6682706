import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Publication } from '../../../protocol/mqtt-documents.ts';
import { messagesOf, parseCommand, statusMessage, topicSegment } from '../../../protocol/mqtt-topics.ts';
import { alert, device, input, path, press, trouble } from './documents.ts';

describe('the topic tree', () => {
  const cases: readonly (readonly [Publication, readonly (readonly [string, boolean, 'said' | 'cleared'])[]])[] = [
    [device('n1'), [['dev/n1/state', true, 'said']]],
    [press('n1', 'n1.1.1'), [['dev/n1/event', false, 'said']]],
    [path('cms', 'up'), [['link/cms/status', true, 'said']]],
    [input('line-1'), [['input/line-1/status', true, 'said']]],
    [trouble('t1', 'standing'), [['trouble/t1', true, 'said']]],
    [
      trouble('t1', 'restored'),
      [
        ['trouble/t1', false, 'said'],
        ['trouble/t1', true, 'cleared'],
      ],
    ],
    [alert('a.1.1', 'raised'), [['alert/a.1.1', true, 'said']]],
    [alert('a.1.1', 'acknowledged'), [['alert/a.1.1', true, 'said']]],
    [
      alert('a.1.1', 'resolved'),
      [
        ['alert/a.1.1', false, 'said'],
        ['alert/a.1.1', true, 'cleared'],
      ],
    ],
    [
      alert('a.1.1', 'cancelled'),
      [
        ['alert/a.1.1', false, 'said'],
        ['alert/a.1.1', true, 'cleared'],
      ],
    ],
  ];
  test.each(cases)('states are retained, events never, last words once: %#', (publication, expected) => {
    const messages = messagesOf('school', publication).map(({ topic, retain, payload }) => [
      topic,
      retain,
      payload === '' ? 'cleared' : 'said',
    ]);
    expect(messages).toEqual(expected.map(([place, ...rest]) => [`callpoint/v1/school/${place}`, ...rest]));
  });

  test('birth and will differ in the state alone', () => {
    const birth = statusMessage('school', 'ready', 17, '2025-03-01T08:00:00.000Z');
    const will = statusMessage('school', 'lost', 17, '2025-03-01T08:00:00.000Z');
    expect(birth.topic).toBe(will.topic);
    expect(birth.payload.replace('ready', 'lost')).toBe(will.payload);
    expect(birth).toEqual({
      topic: 'callpoint/v1/school/status',
      payload: '{"state":"ready","session":17,"at":"2025-03-01T08:00:00.000Z"}',
      retain: true,
    });
  });

  test('no id reaches another level, a wildcard, or another id’s topic', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (a, b) => {
        expect(topicSegment(a)).not.toMatch(/[/+#\0]/);
        if (a !== b) expect(topicSegment(a)).not.toBe(topicSegment(b));
      }),
      { seed: 7 },
    );
  });
});

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

  test.each([
    ['is retained', { retain: true }, 'retained'],
    ['is unknown', { topic: 'callpoint/v1/school/cmd/reboot' }, 'no such command'],
    ['is for another gateway', { topic: 'callpoint/v1/other/cmd/resolve' }, 'no such command'],
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
    ['enrols retained', { ...enrol({}), retain: true }, 'retained'],
  ])('that %s is refused with the reason', (_what, change, why) => {
    const result = parseCommand('school', { ...good, ...change });
    expect(result.ok).toBe(false);
    expect(!result.ok && result.reason).toContain(why);
  });

  test('of any content whatever never throws, and is honoured only with an alert and a reason', () => {
    const payload = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.json(),
      fc.json().map((json) => `{"alert":${json},"reason":${json}}`),
    );
    fc.assert(
      fc.property(payload, fc.boolean(), (text, retain) => {
        const result = parseCommand('school', { ...good, payload: text, retain });
        if (!result.ok) return;
        expect(retain).toBe(false);
        expect('alert' in result.command && result.command.alert).toMatch(/^[A-Za-z0-9._-]{1,128}$/);
        expect(result.command.reason.trim()).not.toBe('');
      }),
      { seed: 7 },
    );
  });
});
