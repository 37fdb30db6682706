import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { stringify } from 'yaml';
import { freePort } from '../demo/free-port.ts';
import { readSiteTexts, writeDrySite } from '../dry/write-dry-site.ts';
import { BUILT_IN_SITES, builtInSite } from './built-in-sites.ts';
import { History } from './history.ts';
import { Performer } from './perform.ts';
import { RealClock } from './real-clock.ts';
import { type Outcome, runScenario, type World } from './run-scenario.ts';
import type { Scenario } from './scenario-file.ts';
import { newPassword, OPERATOR, School } from './school.ts';

interface PlayOptions {
  readonly seed: number;
  /**
   * Called with what is awaited before the timeline starts, and then with each thing that happens.
   */
  readonly progress: (what: string) => void;
  readonly stopped: AbortSignal;
}

/** Plays one scenario against a gateway of its own, in a directory that is removed afterwards. */
export async function play(scenario: Scenario, { seed, progress }: PlayOptions): Promise<Outcome> {
  const directory = mkdtempSync(join(tmpdir(), `callpoint-scenario-${process.pid}-`));
  const clock = new RealClock();
  const history = new History(() => clock.nowMs());
  let school: School | undefined;
  try {
    const password = newPassword();
    const dry = await writeDrySite(textsOf(scenario), { directory, freePort, operator: { name: OPERATOR, password } });
    school = await School.open({ dry, password, seed, history });
    const problem = await school.start((missing) => progress(`waits for ${missing.slice(0, 3).join(', ')}`));
    if (problem !== undefined) return { passed: false, results: [], problem, seen: history.seen, tookMs: 0 };
    // What happened before the timeline is not of it.
    history.rebase(() => clock.begin());
    return await runScenario(scenario, worldOf(school), history, clock);
  } finally {
    await school?.close();
    rmSync(directory, { recursive: true, force: true });
  }
}

function worldOf(school: School): World {
  const performer = new Performer(school);
  return {
    perform: (step) => performer.perform(step),
    settle: async () => undefined,
    end: async (verifyJournal) => {
      performer.stop();
      const { gateway, history } = school;
      if (gateway.isRunning) await gateway.stop();
      if (!verifyJournal) return;
      const { code, text } = await gateway.command(['verify', join(gateway.data, 'journal')]);
      history.add({ type: 'journal', verifies: code === 0, detail: text });
    },
  };
}

function textsOf({ file, site }: Scenario): { readonly site: string; readonly keys?: string } {
  if (typeof site !== 'string') return { site: stringify(site) };
  const builtIn = BUILT_IN_SITES.find((each) => each === site);
  return builtIn === undefined ? readSiteTexts(resolve(dirname(file), site)) : builtInSite(builtIn);
}
