import { mkdtempSync, rmSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { freePort } from '../demo/free-port.ts';
import { writeDrySite } from '../dry/write-dry-site.ts';
import { usageError } from '../errors.ts';
import { isServed } from '../site/control.ts';
import { controlSocket, readSite } from '../site/site-file.ts';
import { BrokerRun } from './broker-run.ts';
import { BUILT_IN_SITES } from './built-in-sites.ts';
import { describeSeen } from './describe-seen.ts';
import { GatewayFaults } from './gateway-faults.ts';
import { History } from './history.ts';
import { removeLeftovers, runDirectoryPrefix } from './leftovers.ts';
import { Performer } from './perform.ts';
import { RealClock } from './real-clock.ts';
import { type Outcome, runScenario, type World } from './run-scenario.ts';
import { RunningGateway, runningPlace } from './running-gateway.ts';
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
    school = await School.open({ dry, username: OPERATOR, password, seed, history, needs });
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

/**
 * Plays one scenario against a gateway that runs on its site already, whose devices and far ends
 * this run serves. The gateway is left running, and the site as it is.
 * @throws CallpointError USAGE
 */
export async function playAgainstRunning(
  scenario: Scenario,
  { seed, progress, stopped }: PlayOptions,
): Promise<Outcome> {
  const { file, site, timeline } = scenario;
  if (typeof site !== 'string' || BUILT_IN_SITES.some((each) => each === site))
    throw usageError(`${file}: with --against running, site: is the path of the site.yaml that the gateway runs on`);
  const alone = timeline.find(({ step }) => OWN_GATEWAY_ONLY.includes(step.action))?.step;
  if (alone !== undefined)
    throw usageError(
      `${file}:${alone.fileLine}: ${alone.action} needs a gateway of the run's own: leave out --against running`,
    );
  const clock = new RealClock(stopped);
  const history = new History(() => clock.nowMs());
  const place = runningPlace(resolve(dirname(file), site));
  if (await isServed(controlSocket(place.file, 'inputs')))
    throw usageError(`${place.file} is served already: stop that simulator, because the run serves the site itself`);
  const running = new RunningGateway(place.file);
  const { username, password } = place;
  const needs = { nodeArguments: [], environment: {} };
  const school = await School.open({ dry: place, username, password, running, seed, history, needs });
  let performer: Performer | undefined;
  try {
    const problem = await school.start((missing) => progress(`waits for ${missing.slice(0, 3).join(', ')}`), stopped);
    if (problem !== undefined) return { passed: false, results: [], problem, seen: history.seen, tookMs: 0 };
    history.rebase(() => clock.begin());
    const texts = siteTexts(scenario);
    const options = { directory: place.directory, freePort };
    const around = { school, password, texts, options, faults: undefined, broker: undefined };
    performer = new Performer(school, surroundingsOf(around));
    return await runScenario(scenario, worldOf(school, performer), history, clock);
  } finally {
    performer?.stop();
    await school.close();
  }
}

/** Steps that would change a site, a process or a machine that is not the run's own. */
const OWN_GATEWAY_ONLY: readonly string[] = ['gateway', 'broker', 'disk', 'clock', 'reload', 'certificate'];

function worldOf(school: School, performer: Performer): World {
  return {
    perform: (step) => performer.perform(step),
    settle: () => school.settle(),
    end: async (verifyJournal) => {
      performer.stop();
      const { gateway, history } = school;
      if (gateway.isOurs && gateway.isRunning) await gateway.stop();
      if (!verifyJournal) return;
      const { code, text } = await gateway.command(['verify', join(gateway.data, 'journal')]);
      history.add({ type: 'journal', verifies: code === 0, detail: text });
    },
  };
}

function needsFaults({ timeline }: Scenario): boolean {
  return timeline.some(({ step }) => step.action === 'clock' || step.action === 'disk');
}
