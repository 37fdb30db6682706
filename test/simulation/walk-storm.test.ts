import { beforeAll, describe, expect, test } from 'vitest';
import { recoveredState } from '../../gateway/core/restart/journal-replay.ts';
import { RADIO } from './site-edits.ts';
import { NASTY, PLAIN, type StormKinds, stormyLife } from './storm.ts';
import { standing } from './troubles.ts';
import { WalkStorm } from './walk-storm.ts';
import type { World } from './world.ts';

/**
 * For a search: `CALLPOINT_LIVES=500 CALLPOINT_LIVES_SEED=7 npx vitest run
 * test/simulation/walk-storm.test.ts`
 */
const { CALLPOINT_LIVES = '3', CALLPOINT_LIVES_SEED = '1' } = process.env;
const SEEDS = Array.from({ length: Number(CALLPOINT_LIVES) }, (_, index) => Number(CALLPOINT_LIVES_SEED) + index);
const ALARM = /^wb-\d+\.\d+\.\d+$/;

describe.each<[string, StormKinds]>([
  ['with reloads', { ...PLAIN, reloads: { paths: PLAIN.paths, comesAndGoes: RADIO } }],
  ['with reloads, when everything else goes wrong as well', { ...NASTY, reloads: { paths: NASTY.paths } }],
])('a life of walk tests and drills %s', (_, kinds) => {
  describe.each(SEEDS)('seed %i', (seed) => {
    let world: World;
    let crews: WalkStorm;
    beforeAll(() => {
      crews = new WalkStorm();
      world = stormyLife(seed, { ...kinds, crews });
    });

    test('a press that nobody can have meant as a test is real, and no press at all is lost or invented', () => {
      const shown = new Set([...world.receivers.values()].flatMap(({ displayed }) => [...displayed.keys()]));
      expect(crews.realOnes.length).toBeGreaterThan(0);
      for (const id of crews.realOnes) expect(world.published.get(id), id).toMatchObject({ mode: 'live' });
      for (const id of world.pressed) {
        expect(world.published.get(id), id).toBeDefined();
        if (world.published.get(id)?.mode === 'live') expect(shown.has(id), id).toBe(true);
      }
      expect([...shown].filter((id) => ALARM.test(id) && !world.pressed.includes(id))).toEqual([]);
    });

    test('in the end no exercise is open, no trouble stands, and the journal owes nothing', () => {
      for (const { id, mode, state } of world.published.values()) {
        if (mode !== 'live') expect(state, id).toMatch(/resolved|cancelled/);
      }
      expect(standing(world).filter((each) => !each.startsWith('tamper'))).toEqual([]);
      const kept = recoveredState(world.journal.records);
      expect(kept.reports).toEqual([]);
      expect(kept.drills).toEqual([]);
      expect(kept.alerts.filter((each) => !each.acknowledged || each.closed !== undefined)).toEqual([]);
      const open = kept.alerts.map((each) => `alert:${each.raised.id}`);
      const keys = [...world.journal.held().keys()].filter((key) => !/^(trouble:tamper|proven:|tested:)/.test(key));
      expect(keys.sort()).toEqual(['counters', ...(kept.walkTest === undefined ? [] : ['walkTest']), ...open].sort());
    });
  });
});
