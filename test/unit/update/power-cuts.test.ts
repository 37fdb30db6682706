import { afterAll, expect, test } from 'vitest';
import { ReleaseStore } from '../../../gateway/update/release-store.ts';
import { type Action, afterCuts, keyOf, type Machine, NEW_MACHINE, Scripts } from './power-cuts.ts';
import { SimulatedDisk } from './simulated-disk.ts';

const scripts = new Scripts();
afterAll(() => scripts.close());

const ACTIONS: readonly Action[] = ['update', 'confirm', 'return', 'resume', 'start'];
const { POWER_CUTS = '60' } = process.env;
/** By hand, `POWER_CUTS=all` tries every state that can be reached. */
const STATES_MAX = POWER_CUTS === 'all' ? Number.POSITIVE_INFINITY : Number(POWER_CUTS);

async function expectStarts(machine: Machine): Promise<void> {
  const store = new ReleaseStore('/store', new SimulatedDisk(machine.tree));
  const started = scripts.launch(machine.tree);
  const about = keyOf(machine);
  expect(started.whole, about).toBe(true);
  // The command and the scripts are of one opinion.
  expect(await store.current(), about).toBe(started.name);
  const trial = await store.trial();
  const isOnTrial = trial?.to === started.name && trial.details.version === started.version;
  expect(isOnTrial || machine.confirmed.includes(started.version), about).toBe(true);
  if (trial === undefined) return;
  // The release that watches a trial is another one, and whole.
  const watching = scripts.launch(machine.tree, 'update');
  expect(watching, about).toMatchObject({ name: trial.from, whole: true });
}

test('a power cut at any instant leaves one whole release that starts, and is confirmed or on trial', async () => {
  const known = new Map<string, Machine>([[keyOf(NEW_MACHINE), NEW_MACHINE]]);
  const waiting = [NEW_MACHINE];
  let tried = 0;
  for (let machine = waiting.shift(); machine !== undefined && tried < STATES_MAX; machine = waiting.shift()) {
    tried += 1;
    await expectStarts(machine);
    for (const action of ACTIONS) {
      for (const left of await afterCuts(machine, action, scripts)) {
        const key = keyOf(left);
        if (known.has(key)) continue;
        known.set(key, left);
        waiting.push(left);
      }
    }
  }
  process.stdout.write(
    `${tried} of ${known.size} states after power cuts tried, with ${scripts.runs} runs of the scripts\n`,
  );
  expect(tried).toBeGreaterThanOrEqual(60);
});
