import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readSite } from '../../device-sim/site/site-file.ts';
import { loadSettings } from '../../gateway/config/load.ts';
import { withSite } from '../unit/config/site-fixture.ts';
import { type LifeOptions, MqttLife } from './mqtt-life.ts';
import { PROFILE_SITES, SITE_KEYS, siteText } from './mqtt-sites.ts';
import { INPUT, type MqttSite } from './mqtt-world.ts';

/**
 * Number of lives of each profile and first seed, the same in each run. For a search:
 * `CALLPOINT_LIVES=2000 CALLPOINT_LIVES_SEED=7 npx vitest run test/simulation/mqtt-promises`
 */
const { CALLPOINT_LIVES = '12', CALLPOINT_LIVES_SEED = '4' } = process.env;
const LIVES = { numRuns: Number(CALLPOINT_LIVES), seed: Number(CALLPOINT_LIVES_SEED), endOnFailure: true };
const SEED = fc.integer({ min: 1, max: 2 ** 31 });
const STEPS = 25;

describe.each(Object.entries(PROFILE_SITES))('profile %s', (_, profile) => {
  const { isUnnumbered, saysAgain = false } = profile;
  const options: LifeOptions = { saysAgain, without: isUnnumbered ? ['repeatEvents'] : [] };
  let site: MqttSite | undefined;

  function life(seed: number): MqttLife {
    site ??= withSite({ site: siteText(profile), keys: SITE_KEYS }, (file, directory) => {
      const { site: built, inputs } = loadSettings(file, `${directory}/data`);
      const settings = inputs.flatMap((input) => (input.driver === 'mqtt' ? input.devices : []));
      const simulated = readSite(file, 1).inputs.find(({ id }) => id === INPUT);
      return { site: built, settings, devices: simulated?.devices ?? [] };
    });
    return new MqttLife(site, seed, options).live(STEPS);
  }

  test(
    'one press is one alert, no press is dropped without a word, and nothing dead is shown as well',
    () => {
      fc.assert(
        fc.property(SEED, (seed) => {
          const { broken, world } = life(seed);
          expect(broken, world.trace.slice(-40).join('\n')).toEqual([]);
        }),
        LIVES,
      );
    },
    1_000 * LIVES.numRuns,
  );

  test('its lives have presses, and garbled ones', () => {
    const counts = [1, 2, 3, 4, 5].map((seed) => life(seed).counts);
    expect(counts.reduce((sum, { pressed }) => sum + pressed, 0)).toBeGreaterThan(10);
    expect(counts.reduce((sum, { garbled }) => sum + garbled, 0)).toBeGreaterThan(0);
  });
});
