import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { DrillRecord } from '../../../gateway/core/journal-record.ts';
import { device } from '../../simulation/site.ts';
import { PartsRig, quietSite, WALL_MS } from './parts-rig.ts';

const MINUTE_MS = 60_000;
const WHO = { by: 'kim', reason: 'autumn' } as const;

const place = (number: number, building: string, floor: string) => {
  const names = { building, floor, room: String(number) };
  const location = { ...names, text: `${building}, ${floor}, ${number}`, names };
  return device(number, { location, heartbeatMs: 0 });
};
const SITE = quietSite({
  devices: new Map(
    [place(101, 'A', '1'), place(102, 'A', '1'), place(201, 'A', '2'), place(901, 'B', '1')].map((each) => [
      each.id,
      each,
    ]),
  ),
});

function covered({ parts }: PartsRig): readonly string[] {
  return [...SITE.devices.values()].filter((each) => parts.drills.covers(each)).map(({ id }) => id);
}

describe('a scope covers what it names, and nothing else', () => {
  test.each([
    ['site', ['wb-101', 'wb-102', 'wb-201', 'wb-901']],
    ['building:A', ['wb-101', 'wb-102', 'wb-201']],
    ['floor:A/1', ['wb-101', 'wb-102']],
    ['room:A/1/101', ['wb-101']],
    ['device:wb-901', ['wb-901']],
  ])('%s', (scope, devices) => {
    const rig = new PartsRig(SITE);
    expect(rig.parts.drills.start({ scope, minutes: 1, ...WHO }).ok).toBe(true);
    expect(covered(rig)).toEqual(devices);
    expect(rig.parts.drills.runs('B')).toBe(devices.includes('wb-901'));
  });

  test.each(['building:C', 'floor:A/9', 'room:A/1/901', 'device:wb-9', 'everywhere', ''])('%j is refused', (scope) => {
    const rig = new PartsRig(SITE);
    expect(rig.parts.drills.start({ scope, minutes: 1, ...WHO }).ok).toBe(false);
    expect(rig.parts.drills.runs()).toBe(false);
    expect(rig.records()).toEqual([]);
  });
});

const scope = fc.constantFrom('site', 'building:A', 'room:A/1/101');
const step = fc.oneof(
  fc.record({ do: fc.constant('start' as const), scope, minutes: fc.integer({ min: 1, max: 5 }) }),
  fc.record({ do: fc.constant('stop' as const), scope: fc.oneof(scope, fc.constant('all')) }),
  fc.record({ do: fc.constant('pass' as const), ms: fc.integer({ min: 1, max: 3 * MINUTE_MS }) }),
);

test('a drill runs from its start to its end, and the journal says so at every moment', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 20 }), (steps) => {
      const rig = new PartsRig(SITE);
      const endsMs = new Map<string, number>();
      for (const each of steps) {
        if (each.do === 'start') {
          rig.parts.drills.start({ scope: each.scope, minutes: each.minutes, ...WHO });
          endsMs.set(each.scope, rig.monoMs + each.minutes * MINUTE_MS);
        } else if (each.do === 'stop') {
          const ok = each.scope === 'all' ? endsMs.size > 0 : endsMs.has(each.scope);
          expect(rig.parts.drills.stop({ scope: each.scope, ...WHO }).ok).toBe(ok);
          if (each.scope === 'all') endsMs.clear();
          else endsMs.delete(each.scope);
        } else rig.pass(each.ms);
        for (const [of, endMs] of endsMs) if (endMs <= rig.monoMs) endsMs.delete(of);
        const left = new Map<string, number>();
        for (const record of rig.records()) {
          if (record.t !== 'drill') continue;
          if (record.state === 'running') left.set(record.scope, record.at + record.leftMs);
          else left.delete(record.scope);
        }
        expect([...left.keys()].sort()).toEqual([...endsMs.keys()].sort());
        // A restart may make it shorter by what was not written yet, never longer.
        for (const [of, endWallMs] of left)
          expect(endWallMs - WALL_MS + 1_000).toBeLessThanOrEqual(endsMs.get(of) ?? 0);
        expect(rig.parts.drills.runs()).toBe(endsMs.size > 0);
      }
    }),
  );
});

const RECORD: DrillRecord = {
  t: 'drill',
  at: WALL_MS,
  scope: 'site',
  state: 'running',
  startedAt: WALL_MS - MINUTE_MS,
  endsAt: WALL_MS + 4 * MINUTE_MS,
  leftMs: 4 * MINUTE_MS,
  ...WHO,
};

test.each([
  ['right after it was written, it has the rest of its time', 0, 4 * MINUTE_MS],
  ['a minute later, a minute less', MINUTE_MS, 3 * MINUTE_MS],
  ['when its time is over, it ends at once', 4 * MINUTE_MS, 0],
  ['with a clock that runs before its own record, it ends at once', -1, 0],
  ['with a clock a year ahead, it ends at once', 365 * 86_400_000, 0],
])('after a restart %s', (_, laterMs, leftMs) => {
  const rig = new PartsRig(SITE);
  rig.context.now = { monoMs: 5, wallMs: WALL_MS + laterMs };
  rig.parts.drills.recover([RECORD]);
  expect(rig.parts.drills.runs()).toBe(leftMs > 0);
  if (leftMs === 0) {
    expect(rig.records()[0]).toMatchObject({ t: 'drill', state: 'ended', leftMs: 0 });
    return;
  }
  rig.pass(leftMs - 1);
  expect(rig.parts.drills.runs()).toBe(true);
  rig.pass(1);
  expect(rig.parts.drills.runs()).toBe(false);
});

test('a drill of this run goes before its record of an earlier one, and a scope nobody knows covers nothing', () => {
  const rig = new PartsRig(SITE);
  rig.parts.drills.start({ scope: 'site', minutes: 1, ...WHO });
  rig.parts.drills.recover([RECORD, { ...RECORD, scope: 'planet' }]);
  rig.pass(MINUTE_MS);
  expect(rig.parts.drills.runs()).toBe(false);
});
