import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Publication } from '../../../protocol/mqtt-documents.ts';
import { messagesOf, statusMessage, topicSegment } from '../../../protocol/mqtt-topics.ts';
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
    );
  });
});
