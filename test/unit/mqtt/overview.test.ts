import { describe, expect, test } from 'vitest';
import { Overview } from '../../../gateway/mqtt/overview.ts';
import { written } from '../../../gateway/mqtt/written-publication.ts';
import type { Publication } from '../../../protocol/mqtt-documents.ts';
import { alert, device, door, path, pathDocument, press, trouble } from './documents.ts';

function drill(scope: string, state: 'running' | 'ended', started_at: string): Publication {
  return { kind: 'drill', document: { scope, state, started_at, ends_at: started_at, by: 'kim', reason: 'autumn' } };
}

function openOverview() {
  const texts = new Map<string, string>();
  const overview = new Overview((id) => texts.get(id));
  return {
    published: (publication: Publication) => {
      const one = written(publication);
      if (one.kind !== 'alert') return;
      texts.set(one.id, one.text);
      overview.published(one);
    },
    learn: (publication: Publication) => overview.learn(written(publication)),
    get document() {
      return overview.document;
    },
  };
}

describe('the overview', () => {
  test('names the newest real alert that stands, with its room, and counts the others apart', () => {
    const overview = openOverview();
    overview.learn(alert('a', 'raised', { raised_at: '2026-11-28T09:00:00.000Z', room_name: 'Rm 1' }));
    overview.learn(
      alert('b', 'sent', { raised_at: '2026-11-28T09:00:05.000Z', room_name: 'Rm 2', not_confirmed: true }),
    );
    overview.learn(alert('c', 'raised', { raised_at: '2026-11-28T09:00:09.000Z', mode: 'drill' }));
    expect(overview.document).toMatchObject({
      alerts: { live: 2, drill: 1, test: 0, not_confirmed: 1 },
      alert: { id: 'b', room_name: 'Rm 2', kind: 'intruder', text: expect.any(String) },
      exercise: { id: 'c', mode: 'drill' },
    });
    overview.learn(alert('b', 'resolved'));
    expect(overview.document).toMatchObject({
      alerts: { live: 1, not_confirmed: 0 },
      alert: { id: 'a', room_name: 'Rm 1' },
    });
    overview.learn(alert('a', 'cancelled'));
    expect(overview.document.alert).toBeNull();
  });

  test('reads an alert back from the broker, and shows a newer document that the broker does not have yet', () => {
    const overview = openOverview();
    overview.learn(alert('a', 'raised'));
    overview.published(alert('a', 'raised'));
    expect(overview.document.alert).toMatchObject({ id: 'a', state: 'raised' });
    overview.learn(alert('a', 'sent'));
    overview.published(alert('a', 'raised'));
    expect(overview.document.alert).toMatchObject({ id: 'a', state: 'sent' });
    overview.published(alert('a', 'sent'));
    expect(overview.document.alert).toMatchObject({ id: 'a', state: 'sent' });
  });

  test.each([
    [[], null],
    [['secured', 'secured'], true],
    [['secured', 'closed'], null],
    [['secured', 'unknown'], null],
    [['open', 'unknown'], false],
    [['closedUnlocked', 'secured'], false],
    [['forced'], false],
    [['heldOpen'], false],
  ] as const)('doors %j: all secured is %s', (states, secured) => {
    const overview = openOverview();
    for (const [at, state] of states.entries()) overview.learn(door(`d${at}`, state, `Rm ${at}`));
    const { doors } = overview.document;
    expect([doors.count, doors.secured]).toEqual([states.length, secured]);
  });

  test('shows the worst trouble, of those the newest, and how many stand', () => {
    const overview = openOverview();
    const stands = (id: string, severity: 'minor' | 'critical', since_at: string) => {
      const one = trouble(id, 'standing');
      if (one.kind === 'trouble')
        overview.learn({ kind: 'trouble', document: { ...one.document, severity, since_at, detail: '/dev/x' } });
    };
    stands('1', 'critical', '2026-11-28T09:00:00.000Z');
    stands('2', 'critical', '2026-11-28T09:00:01.000Z');
    stands('3', 'minor', '2026-11-28T09:00:02.000Z');
    expect(overview.document.troubles).toMatchObject({ count: 3, worst: { id: '2', severity: 'critical' } });
    expect(JSON.stringify(overview.document)).not.toContain('/dev/x');
    for (const id of ['1', '2', '3']) overview.learn(trouble(id, 'restored'));
    expect(overview.document.troubles).toEqual({ count: 0, worst: null });
  });

  test('knows drills, low batteries and the last canary, and forgets what a reload removes', () => {
    const overview = openOverview();
    overview.learn(drill('building:A', 'running', '2026-11-28T09:00:00.000Z'));
    overview.learn(drill('site', 'running', '2026-11-28T09:05:00.000Z'));
    overview.learn(device('tag-1', { low_battery: true }));
    overview.learn({ kind: 'path', document: { ...pathDocument('a'), last_canary_at: '2026-11-28T03:00:00.000Z' } });
    expect(overview.document).toMatchObject({
      drill: { scope: 'site', by: 'kim' },
      drills: 2,
      low_batteries: ['Rm 101 Reception, tag-1'],
      canary: { last_at: '2026-11-28T03:00:00.000Z', failed: false },
    });
    overview.learn(drill('site', 'ended', '2026-11-28T09:05:00.000Z'));
    overview.learn({ kind: 'gone', document: { of: 'device', id: 'tag-1' } });
    expect(overview.document).toMatchObject({ drill: { scope: 'building:A' }, drills: 1, low_batteries: [] });
  });

  test('asks to be published only when something in it may have changed', () => {
    const overview = openOverview();
    const learned: readonly [Publication, boolean][] = [
      [press('n', 'n.1.1'), false],
      [device('n'), false],
      [device('n', { low_battery: true }), true],
      [device('n', { low_battery: true }), false],
      [path('a', 'up'), false],
      [alert('x'), true],
      [trouble('never', 'restored'), false],
    ];
    expect(learned.map(([one]) => overview.learn(one))).toEqual(learned.map(([, changes]) => changes));
  });
});
