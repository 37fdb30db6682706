import { messageOf } from '../../protocol/errors.ts';
import type { Expectation } from './expectation-shapes.ts';
import type { History, Seen } from './history.ts';
import { judge, type Verdict } from './judge.ts';
import type { Scenario, TimelineStep } from './scenario-file.ts';
import type { Step } from './step-shapes.ts';

/** The school, its gateway and its far ends, or what a test has in their place. */
export interface World {
  /** @throws RangeError, CallpointError if this site has no such thing */
  perform(step: Step): Promise<void>;
  /**
   * Resolves when what was sent so far has been read by the gateway, as far as that can be proved.
   */
  settle(): Promise<void>;
  /**
   * Ends the gateway, so that nothing more can happen, and looks at its journal if that is wanted.
   */
  end(verifyJournal: boolean): Promise<void>;
}

export interface RunClock {
  /** Since the start of the timeline. */
  nowMs(): number;
  /** Resolves at this time, or as soon as the history grows. */
  until(atMs: number, history: History): Promise<void>;
}

export interface Result {
  readonly expectation: Expectation;
  readonly verdict: Verdict;
}

export interface Outcome {
  readonly passed: boolean;
  readonly results: readonly Result[];
  /** Why the timeline stopped before its end. */
  readonly problem?: string;
  readonly seen: readonly Seen[];
  readonly tookMs: number;
}

/** Runs a timeline and judges its expectations. */
export async function runScenario(
  scenario: Scenario,
  world: World,
  history: History,
  clock: RunClock,
): Promise<Outcome> {
  const waited: Result[] = [];
  const problem = await runTimeline(scenario, world, history, clock, waited);
  const { seen } = history;
  const { expect } = scenario;
  // What a stopped timeline did not do cannot come true, and need not be waited for.
  if (problem === undefined) {
    await decided(expect, history, clock);
    await world.settle();
  }
  await world.end(expect.some(({ what }) => what === 'journal'));
  const results = [
    ...waited,
    ...expect.map((expectation) => ({ expectation, verdict: judge(expectation, seen, true) })),
  ];
  const passed = problem === undefined && results.every(({ verdict }) => verdict.state === 'met');
  return { passed, results, seen, tookMs: clock.nowMs(), ...(problem === undefined ? {} : { problem }) };
}

/** Returns why it stopped before its end. */
async function runTimeline(
  { file, timeline }: Scenario,
  world: World,
  history: History,
  clock: RunClock,
  waited: Result[],
): Promise<string | undefined> {
  let lastMs = clock.nowMs();
  for (const { step, waitsFor } of timeline) {
    await untilDue(step, lastMs, history, clock);
    const { fileLine: line, name, written } = step;
    const where = `${file}:${line}`;
    history.add({ type: 'step', line, name, written });
    if (waitsFor !== undefined) {
      const verdict = await happened({ step, waitsFor }, lastMs, history, clock);
      waited.push({ expectation: waitsFor, verdict });
      if (verdict.state !== 'met') return `${where}: the timeline stopped here: what it waits for did not happen`;
    } else {
      try {
        await world.perform(step);
      } catch (error) {
        return `${where}: the timeline stopped here: ${messageOf(error)}`;
      }
    }
    lastMs = clock.nowMs();
  }
  return undefined;
}

async function untilDue({ at, after = 0 }: Step, lastMs: number, history: History, clock: RunClock): Promise<void> {
  const dueMs = at ?? lastMs + after;
  while (clock.nowMs() < dueMs) await clock.until(dueMs, history);
}

/** Waits for the expectation of a step, for as long as its bound says. */
async function happened(
  { waitsFor }: Required<TimelineStep>,
  doneMs: number,
  history: History,
  clock: RunClock,
): Promise<Verdict> {
  const within = 'within' in waitsFor ? waitsFor.within : 0;
  const untilMs = clock.nowMs() + within;
  // How long the thing took since its press is for `expect:` to judge.
  const patient = { ...waitsFor, within: Number.POSITIVE_INFINITY } as Expectation;
  const fromMs = waitedFromMs(waitsFor, history.seen, doneMs);
  for (;;) {
    const verdict = judge(patient, history.seen, false, fromMs);
    if (verdict.state !== 'pending') return verdict;
    if (isComplete(patient, history.seen, fromMs)) return judge(patient, history.seen, true, fromMs);
    if (clock.nowMs() >= untilMs) return judge(waitsFor, history.seen, true, fromMs);
    await clock.until(untilMs, history);
  }
}

/** A wait counts from the last press of its device, or else from the step before. */
function waitedFromMs(expectation: Expectation, seen: readonly Seen[], doneMs: number): number {
  const device = deviceOf(expectation);
  const press = seen.findLast((each) => each.type === 'pressed' && (device === 'any' || each.device === device));
  if (device !== undefined && press !== undefined) return press.atMs;
  const step = seen.findLast((each) => each.type === 'step' && !each.written.startsWith('wait:'));
  return step?.atMs ?? doneMs;
}

function deviceOf(expectation: Expectation): string | undefined {
  if (expectation.what === 'alert' || expectation.what === 'shown') return expectation.from;
  return expectation.what === 'wall' ? expectation.wall : undefined;
}

/** True if all that was counted has come, though one more might. */
function isComplete(expectation: Expectation, seen: readonly Seen[], fromMs: number): boolean {
  const isCounted = expectation.what === 'alert' || expectation.what === 'shown';
  return isCounted && judge(expectation, seen, true, fromMs).state === 'met';
}

/** Resolves when no expectation has a bound that is still open. */
async function decided(expect: readonly Expectation[], history: History, clock: RunClock): Promise<void> {
  for (;;) {
    const open = expect.flatMap((each) => {
      const verdict = judge(each, history.seen, false);
      return verdict.state === 'pending' && verdict.untilMs !== Number.POSITIVE_INFINITY ? [verdict.untilMs] : [];
    });
    const untilMs = Math.max(...open);
    if (open.length === 0 || clock.nowMs() > untilMs) return;
    await clock.until(untilMs, history);
  }
}
