import { beforeAll, describe, expect, test } from 'vitest';
import { recoveredState } from '../../gateway/core/restart/journal-replay.ts';
import type { AlertDocument } from '../../protocol/mqtt-documents.ts';
import { type StormKinds, stormyLife } from './storm.ts';
import { standing } from './troubles.ts';
import type { World } from './world.ts';

/** Id of an alarm: `device.epoch.counter`. */
const ALARM = /^wb-\d+\.\d+\.\d+$/;

/** Checks the promises that must hold whatever goes wrong, for the lives of these seeds. */
export function promisesHoldIn(name: string, kinds: StormKinds, first: number, count: number): void {
  const seeds = Array.from({ length: count }, (_, index) => first + index);
  describe.each(seeds)(`${name}, seed %i`, (seed) => {
    let world: World;
    beforeAll(() => {
      world = stormyLife(seed, kinds);
    });

    test('no press is lost, none is doubled, none is invented, and the wall shows each accepted', () => {
      const desks = [...world.receivers.values()];
      const alarmsShown = new Set(desks.flatMap((desk) => [...desk.displayed.keys()]).filter((id) => ALARM.test(id)));
      expect(world.pressed.length).toBeGreaterThan(20);
      expect([...alarmsShown].sort()).toEqual([...world.pressed].sort());
      for (const id of world.pressed)
        expect(world.published.get(id)?.state, id).toMatch(/acknowledged|resolved|cancelled/);
    });

    test('a report keeps its sequence number over retries and restarts, and no number comes back with other content', () => {
      for (const desk of world.receivers.values()) {
        const contentOf = new Map<number, string>();
        for (const [id, sequences] of desk.displayed) {
          if (!world.undurable.has(id)) expect(new Set(sequences).size, `${id} came with ${sequences}`).toBe(1);
          for (const sequence of new Set(sequences)) {
            expect(contentOf.get(sequence), `number ${sequence} is also ${id}'s`).toBeUndefined();
            contentOf.set(sequence, id);
          }
        }
      }
    });

    test('nothing is taken back before it was said, and everything that was raised is taken back where it is over', () => {
      const firstMs = (id: string) =>
        Math.min(...[...world.receivers.values()].map((desk) => desk.firstMs.get(id) ?? Number.POSITIVE_INFINITY));
      const ids = new Set([...world.receivers.values()].flatMap((desk) => [...desk.displayed.keys()]));
      for (const id of ids) {
        const begun = /^(.*)\.(restore|cancel)$/.exec(id)?.[1];
        if (begun !== undefined) expect(firstMs(begun), id).toBeLessThan(firstMs(id));
      }
      for (const { id, state } of world.published.values()) {
        const closing = { resolved: `${id}.restore`, cancelled: `${id}.cancel` }[state as string];
        if (closing !== undefined && !world.undurable.has(closing)) expect(ids.has(closing), closing).toBe(true);
      }
    });

    test('a new MQTT thread gets the open alerts and no other, in the state that was published last', () => {
      const open = new Map<string, object>();
      const alerts = world.core?.openAlerts();
      for (let next = alerts?.next(); next?.done === false; next = alerts?.next()) {
        const { kind, document } = next.value;
        if (kind === 'alert') open.set(document.id, stateOf(document));
      }
      const journalled = recoveredState(world.journal.records).alerts.filter(({ closed }) => closed === undefined);
      expect([...open.keys()].sort()).toEqual(journalled.map(({ raised }) => raised.id).sort());
      for (const [id, state] of open) expect(state).toEqual(stateOf(world.published.get(id)));
    });

    test('once the weather has cleared no trouble stands, and the journal owes nothing', () => {
      expect(standing(world).filter((each) => !each.startsWith('tamper'))).toEqual([]);
      const kept = recoveredState(world.journal.records);
      expect(kept.reports).toEqual([]);
      expect(kept.alerts.filter((each) => !each.acknowledged || each.closed !== undefined)).toEqual([]);
      const open = kept.alerts.map((each) => `alert:${each.raised.id}`);
      // What was proven stays proven.
      const keys = [...world.journal.held().keys()].filter((key) => !/^(trouble:tamper|proven:)/.test(key));
      expect(keys.sort()).toEqual(['counters', ...open].sort());
    });
  });
}

function stateOf(document: AlertDocument | undefined): object {
  return { id: document?.id, state: document?.state, not_confirmed: document?.not_confirmed, text: document?.text };
}
