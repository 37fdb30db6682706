import { expect, test } from 'vitest';
import type { Life } from '../../device-sim/swarm/life/life-shape.ts';
import { makeLife } from '../../device-sim/swarm/make/make-life.ts';
import type { Observation } from '../../device-sim/swarm/observation.ts';
import { type Lived, runLife } from '../../device-sim/swarm/run-life.ts';
import { shrink } from '../../device-sim/swarm/shrink.ts';

/** A gateway that breaks a promise: it may not be killed after a tamper switch has opened. */
function planted(life: Life): Lived {
  let isOpen = false;
  const broken: Lived['broken'][number][] = [];
  const see = (observation: Observation, atMs: number) => {
    if (observation.type !== 'event') return;
    const { event } = observation;
    if (event.do === 'tamper') isOpen = true;
    if (event.do === 'kill' && isOpen) broken.push({ promise: 'planted', what: 'killed with an open switch', atMs });
  };
  return { ...runLife(life, { observer: { see } }), broken };
}

test('a life that breaks a promise becomes as simple as it can be', () => {
  const life = makeLife(6, 3);
  const { devices = {} } = life.sites[0]?.keys ?? {};
  const [device = ''] = Object.keys(devices as object);
  const events = [
    ...life.events.filter((event) => event.do !== 'kill' && event.do !== 'tamper').slice(0, 12),
    { atMs: 900_000, do: 'tamper', device, forMs: 60_000 } as const,
    { atMs: 960_000, do: 'kill', how: 'kill', downMs: 5_000, afterEffects: 3 } as const,
  ];
  const found = shrink({ ...life, events, stormMs: 1_200_000, clearMs: 60_000 }, planted);
  expect(found?.life.events.map((event) => event.do)).toEqual(['tamper', 'kill']);
  expect(found?.lived.broken[0]?.promise).toBe('planted');
  expect(found?.life.stormMs).toBeLessThan(1_200_000);
});

test('a life that breaks nothing stays as it is', () => {
  expect(shrink(makeLife(6, 2))).toBeUndefined();
});
