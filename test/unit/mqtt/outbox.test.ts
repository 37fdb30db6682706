import { describe, expect, test } from 'vitest';
import { Outbox } from '../../../gateway/mqtt/outbox.ts';
import type { Publication } from '../../../protocol/mqtt-documents.ts';
import { topicPlace } from '../../../protocol/mqtt-topics.ts';
import { alert, device, path, press, trouble } from './documents.ts';

function content(outbox: Outbox): string[] {
  return outbox.take(Number.POSITIVE_INFINITY).map(({ publication }) => name(publication));
}

function name(publication: Publication): string {
  const state = publication.kind === 'alert' || publication.kind === 'path' ? ` ${publication.document.state}` : '';
  return topicPlace(publication) + state;
}

describe('what waits for the MQTT thread', () => {
  test('a document replaces the older one of its topic; events queue in full and in order', () => {
    const outbox = new Outbox(100);
    for (const publication of [
      path('cms', 'up'),
      alert('a', 'raised'),
      press('n1', 'n1.1.1'),
      path('cms', 'down'),
      alert('a', 'sent'),
      press('n1', 'n1.1.2'),
    ]) {
      outbox.add({ publication });
    }
    expect(content(outbox)).toEqual(['link/cms/status down', 'alert/a sent', 'dev/n1/event', 'dev/n1/event']);
  });

  test('of two documents of one topic that a dead thread had, the newer keeps the number of the older', () => {
    const outbox = new Outbox(100);
    outbox.putBack([{ publication: alert('a', 'raised'), number: 7 }, { publication: alert('a', 'sent') }]);
    expect(outbox.take(10)).toEqual([{ publication: alert('a', 'sent'), number: 7 }]);
  });

  test('of what no topic holds it never has more than its limit, whatever comes', () => {
    const outbox = new Outbox(50);
    for (let i = 0; i < 1000; i += 1) {
      const passing = [alert(`a${i}`, 'resolved'), press('n', `n.1.${i}`), trouble(`t${i}`, 'restored')] as const;
      outbox.add({ publication: passing[i % 3] ?? alert('x') });
      expect(outbox.size).toBeLessThanOrEqual(50);
    }
    expect(outbox.takeDropped()).toBe(1000 - outbox.size);
    expect(outbox.takeDropped()).toBe(0);
  });

  test('the documents of a large site all wait: none is dropped, and none is told again for it', () => {
    const outbox = new Outbox(50);
    for (let i = 0; i < 1000; i += 1) outbox.add({ publication: device(`n${i}`) });
    for (let i = 0; i < 200; i += 1) outbox.add({ publication: press('n', `n.1.${i}`) });
    outbox.putBack(outbox.take(600));
    expect(outbox.takeDropped()).toBeGreaterThanOrEqual(150);
    expect(content(outbox).filter((place) => place.endsWith('/state'))).toHaveLength(1000);
    expect(outbox.takeDropped()).toBe(0);
  });

  const over = (count: number): Publication[] => Array.from({ length: count }, (_, i) => alert(`b${i}`, 'resolved'));
  const overflows: readonly (readonly [string, readonly Publication[], readonly string[]])[] = [
    [
      'events go first',
      [alert('a'), device('n0'), press('n', '1'), press('n', '2'), press('n', '3'), ...over(8)],
      ['dev/n/event', 'dev/n/event'],
    ],
    [
      'then the oldest of what no topic holds',
      [device('n0'), alert('a'), trouble('t', 'restored'), ...over(10)],
      ['trouble/t', 'alert/b0 resolved'],
    ],
  ];
  test.each(overflows)('when full: %s', (_what, publications, gone) => {
    const outbox = new Outbox(10);
    for (const publication of publications) outbox.add({ publication });
    const left = content(outbox);
    const missing = publications.map(name);
    for (const kept of left) missing.splice(missing.indexOf(kept), 1);
    expect(missing).toEqual(gone);
  });

  test('what never arrived goes back in front, but a newer state stays', () => {
    const outbox = new Outbox(100);
    outbox.add({ publication: path('cms', 'up'), number: 1 });
    outbox.add({ publication: alert('a', 'raised'), number: 2 });
    const taken = outbox.take(2);
    outbox.add({ publication: path('cms', 'down') });
    outbox.add({ publication: alert('a', 'sent') });
    outbox.putBack(taken);
    expect(outbox.take(2)).toEqual([
      { publication: path('cms', 'down'), number: 1 },
      { publication: alert('a', 'sent'), number: 2 },
    ]);
  });

  test('a document that replaces another is also told as published under its number', () => {
    const outbox = new Outbox(100);
    outbox.add({ publication: alert('a', 'raised'), number: 7 });
    outbox.add({ publication: alert('a', 'sent') });
    expect(outbox.take(9)).toEqual([{ publication: alert('a', 'sent'), number: 7 }]);
  });

  test('states that are filled in never overtake what waits for the same topic', () => {
    const outbox = new Outbox(100);
    outbox.add({ publication: alert('a', 'resolved') });
    outbox.fillIn(new Map([alert('a', 'raised'), path('cms', 'up')].map((p) => [topicPlace(p), p])));
    expect(content(outbox)).toEqual(['link/cms/status up', 'alert/a resolved']);
  });
});
