import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { freePort } from '../demo/free-port.ts';
import { writeDrySite } from '../dry/write-dry-site.ts';
import { readSite } from '../site/site-file.ts';
import { BrokerRun } from './broker-run.ts';
import { describeSeen } from './describe-seen.ts';
import { GatewayFaults } from './gateway-faults.ts';
import { History } from './history.ts';
import { removeLeftovers, runDirectoryPrefix } from './leftovers.ts';
import { Performer } from './perform.ts';
import { RealClock } from './real-clock.ts';
import { type Outcome, runScenario, type World } from './run-scenario.ts';
import type { Scenario } from './scenario-file.ts';
import { brokerPort, newPassword, OPERATOR, School } from './school.ts';
import { siteTexts } from './site-texts.ts';
import { surroundingsOf } from './surroundings.ts';

interface PlayOptions {
  readonly seed: number;
  /** Called with what is awaited before the timeline starts, and then with what happens. */
  readonly progress: (what: string) => void;
  readonly stopped: AbortSignal;
}

/** Plays one scenario against a gateway of its own, in a directory that is removed afterwards. */
export async function play(scenario: Scenario, { seed, progress, stopped }: PlayOptions): Promise<Outcome> {
  removeLeftovers();
  const directory = mkdtempSync(runDirectoryPrefix());
  const clock = new RealClock(stopped);
  const history = new History(() => clock.nowMs());
  let school: School | undefined;
  let performer: Performer | undefined;
  let broker: BrokerRun | undefined;
  try {
    const password = newPassword();
    const texts = siteTexts(scenario);
    const operator = { name: OPERATOR, password };
    const options = { directory, freePort, ports: new Map<string, number>(), operator, broker: scenario.broker };
    const dry = await writeDrySite(texts, options);
    const faults = needsFaults(scenario) ? new GatewayFaults(directory) : undefined;
    broker = scenario.broker === 'external' ? new BrokerRun(brokerPort(readSite(dry.file, 0))) : undefined;
    await broker?.start();
    const needs = faults?.needs ?? { nodeArguments: [], environment: {} };
    school = await School.open({ dry, password, seed, history, needs });
    const problem = await school.start((missing) => progress(`waits for ${missing.slice(0, 3).join(', ')}`), stopped);
    if (problem !== undefined) return { passed: false, results: [], problem, seen: history.seen, tookMs: 0 };
    // What happened before the timeline is not of it.
    history.rebase(() => clock.begin());
    history.on((seen) => {
      const text = describeSeen(seen);
      if (text !== undefined) progress(text);
    });
    performer = new Performer(school, surroundingsOf({ school, password, texts, options, faults, broker }));
    return await runScenario(scenario, worldOf(school, performer), history, clock);
  } finally {
    performer?.stop();
    await school?.close();
    await broker?.stop();
    rmSync(directory, { recursive: true, force: true });
  }
}

function worldOf(school: School, performer: Performer): World {
  return {
    perform: (step) => performer.perform(step),
    settle: () => school.settle(),
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

function needsFaults({ timeline }: Scenario): boolean {
  return timeline.some(({ step }) => step.action === 'clock' || step.action === 'disk');
}
