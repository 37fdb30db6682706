import type { StatusDocument } from '../../protocol/status-document.ts';
import { type CanaryProgress, itemText, judge, stateOf } from './census.ts';
import type { ReleaseName } from './release-layout.ts';
import type { Decision, ReleaseStore } from './release-store.ts';
import type { Census, Trial } from './trial-file.ts';

/** The gateway that a trial is about. */
export interface TrialGateway {
  /** @returns undefined: it does not answer */
  status(): Promise<StatusDocument | undefined>;
  /** Its process lives, whether or not it answers. */
  isAlive(): Promise<boolean>;
  stopForUpdate(): Promise<GatewayAnswer>;
  pressCanary(): Promise<GatewayAnswer>;
  /** Ends a gateway that does not answer any more. */
  kill(): Promise<void>;
  /** Does this gateway run that release? */
  runs(status: StatusDocument, release: ReleaseName): boolean;
}

export interface GatewayAnswer {
  readonly ok: boolean;
  readonly text: string;
}

interface TrialDeps {
  readonly store: ReleaseStore;
  readonly gateway: TrialGateway;
  /** Monotonic. */
  nowMs(): number;
  nowIso(): string;
  sleep(ms: number): Promise<void>;
  /** What is waited for, for a person who watches. */
  show(text: string): void;
}

const LOOK_MS = 500;
const PRESS_ONE = 'press one in a walk test';
/** A gateway whose process lives answers within this time; otherwise it hangs, ms. */
const ANSWER_MS = 30_000;
/** Whoever starts the gateway has started it within this time, ms. */
const START_MS = 120_000;
/** Longest look at whether the release before has what the new one had lost, ms. */
const COMPARE_MS = 180_000;

/**
 * Watches the release on trial until it is confirmed or returned. It takes up a trial at any point:
 * after a power cut, or after the process that began it has ended.
 *
 * The decision is written before it is carried out. From then on nothing changes it.
 */
export async function runTrial(trial: Trial, deps: TrialDeps): Promise<Decision> {
  const known = await deps.store.decision();
  const decision = known?.id === trial.id ? known : await new Watch(trial, deps).decision();
  if (decision !== known) await deps.store.decide(decision);
  return await carryOut(trial, decision, deps);
}

/** Looks on until there is a decision. Changes nothing but to have the old release stop. */
class Watch {
  readonly #trial: Trial;
  readonly #deps: TrialDeps;
  /** The run of the old release that has agreed to stop. */
  #stopped: string | undefined;
  #silentSinceMs: number | undefined;
  /** The run of the new release that is watched. */
  #run: { readonly startedAt: string; readonly sinceMs: number } | undefined;
  #canary:
    | { readonly before: CanaryProgress['before']; readonly sinceMs: number; readonly refused?: string }
    | undefined;

  constructor(trial: Trial, deps: TrialDeps) {
    this.#trial = trial;
    this.#deps = deps;
  }

  async decision(): Promise<Decision> {
    for (;;) {
      const decided = await this.#look();
      if (decided !== undefined) return decided;
      await this.#deps.sleep(LOOK_MS);
    }
  }

  async #look(): Promise<Decision | undefined> {
    const { store, gateway } = this.#deps;
    const trial = this.#trial;
    const by = await store.returnWanted(trial);
    if (by !== undefined) return { ...this.#decided('returned', [`${by} asked for it`]), byHand: by };
    if ((await store.current()) !== trial.to) return await this.#notCurrent();
    const status = await gateway.status();
    if (status === undefined) return await this.#silent();
    this.#silentSinceMs = undefined;
    if (!gateway.runs(status, trial.to)) return await this.#old(status);
    return await this.#new(status);
  }

  async #notCurrent(): Promise<Decision> {
    const starts = await this.#deps.store.starts(this.#trial);
    if (starts > 0) return this.#decided('returned', [`it was started ${starts} times and did not stay up`]);
    return this.#decided('refused', ['it was interrupted before the gateway was stopped']);
  }

  async #silent(): Promise<Decision | undefined> {
    const { gateway, nowMs, show } = this.#deps;
    this.#silentSinceMs ??= nowMs();
    const silentMs = nowMs() - this.#silentSinceMs;
    const isAlive = await gateway.isAlive();
    show(isAlive ? 'Waiting for the gateway to answer' : 'Waiting for the gateway to be started');
    if (isAlive && silentMs >= ANSWER_MS)
      return this.#decided('returned', [`it did not answer for ${ANSWER_MS / 1000} s`]);
    // Nobody waits for a gateway that did not run before: it is judged once it runs.
    const wasRunning = this.#trial.details.census !== undefined || this.#run !== undefined;
    if (!isAlive && wasRunning && silentMs >= START_MS)
      return this.#decided('returned', [`it did not run for ${START_MS / 1000} s`]);
    return undefined;
  }

  /** The release before still runs: it decides whether it can stop. */
  async #old({ started_at: run }: StatusDocument): Promise<Decision | undefined> {
    this.#deps.show('Waiting for the gateway to stop');
    if (run === this.#stopped) return undefined;
    const { ok, text } = await this.#deps.gateway.stopForUpdate();
    if (!ok) return this.#decided('refused', [text]);
    this.#stopped = run;
    return undefined;
  }

  async #new(status: StatusDocument): Promise<Decision | undefined> {
    const { nowMs, show } = this.#deps;
    const {
      census = { items: [], troubles: status.troubles.map(({ id }) => id) },
      minutes,
      settleMs,
    } = this.#trial.details;
    if (this.#run?.startedAt !== status.started_at) {
      // After another start everything is proven anew.
      this.#run = { startedAt: status.started_at, sinceMs: nowMs() };
      this.#canary = undefined;
    }
    if (census.canary !== undefined && this.#mayPressCanary(census, status)) await this.#pressCanary(status);
    const elapsedMs = nowMs() - this.#run.sinceMs;
    const pressed = this.#canary && { ...this.#canary, elapsedMs: nowMs() - this.#canary.sinceMs };
    const { verdict, what, items, notJudged, unproven } = judge(
      census,
      status,
      { elapsedMs, limitMs: minutes * 60_000 },
      pressed,
    );
    if (verdict === 'lost') {
      if (!isAlertOpen(status)) return { ...this.#decided('returned', what), lost: items };
      show('The update will be returned when the open alert is over');
      return undefined;
    }
    if (verdict === 'well' && elapsedMs >= settleMs)
      return {
        ...this.#decided('confirmed', []),
        notes: [
          ...notJudged.map((each) => `${itemText(each, 'unknown')}: its own interval is longer than the trial`),
          ...unproven.map(
            (id) => `input ${id} was not judged, because none of its devices has a heartbeat: ${PRESS_ONE}`,
          ),
        ],
      };
    const [first = 'the time until it is confirmed', ...others] = what;
    show(`On trial, waiting for: ${first}${others.length === 0 ? '' : ` and ${others.length} more`}`);
    return undefined;
  }

  /** Once, when it can be heard; again if the gateway did not answer. */
  #mayPressCanary({ items }: Census, status: StatusDocument): boolean {
    if (this.#canary !== undefined) return this.#canary.refused !== undefined;
    return items.every((item) => item.what !== 'input' || stateOf(item, status) === 'well');
  }

  async #pressCanary({ paths }: StatusDocument): Promise<void> {
    const { gateway, nowMs } = this.#deps;
    const sinceMs = this.#canary?.sinceMs ?? nowMs();
    const before = this.#canary?.before ?? new Map(paths.map(({ path, last_canary_at: at }) => [path, at]));
    const { ok, text } = await gateway.pressCanary();
    this.#canary = { before, sinceMs: ok ? nowMs() : sinceMs, ...(!ok && { refused: text }) };
  }

  #decided(result: Decision['result'], reasons: readonly string[]): Decision {
    const { id, from, details } = this.#trial;
    const { version, fromVersion } = details;
    return { id, result, at: this.#deps.nowIso(), version, from, fromVersion, reasons, lost: [], notes: [] };
  }
}

async function carryOut(trial: Trial, decision: Decision, deps: TrialDeps): Promise<Decision> {
  const { store } = deps;
  let last = decision;
  if (decision.result === 'confirmed') {
    await store.end();
    return last;
  }
  if ((await store.current()) === trial.to) await store.use(trial.from);
  if (decision.result === 'returned') {
    await stopNew(trial, deps);
    const notes = await compare(trial, decision, deps);
    last = { ...decision, notes: [...decision.notes, ...notes] };
    await store.decide(last);
  }
  await store.end();
  return last;
}

/** An open alert is never disturbed, unless its gateway hangs. */
async function stopNew(trial: Trial, { gateway, nowMs, show, sleep }: TrialDeps): Promise<void> {
  let silentSinceMs: number | undefined;
  let stopped: string | undefined;
  for (;;) {
    const status = await gateway.status();
    if (status === undefined) {
      if (!(await gateway.isAlive())) return;
      silentSinceMs ??= nowMs();
      if (nowMs() - silentSinceMs >= ANSWER_MS) await gateway.kill();
    } else {
      silentSinceMs = undefined;
      if (!gateway.runs(status, trial.to)) return;
      if (stopped !== status.started_at) {
        const { ok, text } = await gateway.stopForUpdate();
        if (ok) stopped = status.started_at;
        else show(`The update is returned as soon as the gateway can stop: ${text}`);
      }
    }
    await sleep(LOOK_MS);
  }
}

/**
 * Does the release before have what the new one had lost? If not, something else took it away in
 * the same minutes, and the update is not to blame.
 */
async function compare(trial: Trial, { lost }: Decision, deps: TrialDeps): Promise<readonly string[]> {
  const { gateway, nowMs, show, sleep } = deps;
  const startedMs = nowMs();
  const limitMs = Math.min(COMPARE_MS, Math.max(START_MS, ...lost.map(({ withinMs }) => withinMs)));
  for (;;) {
    const status = await gateway.status();
    const isOver = nowMs() - startedMs >= limitMs;
    if (status !== undefined && gateway.runs(status, trial.from)) {
      const unwell = lost.filter((item) => stateOf(item, status) !== 'well');
      if (unwell.length === 0) return [];
      if (isOver)
        return unwell.map(
          (item) =>
            `${itemText(item, stateOf(item, status))} with the release before, too: the update is not the cause, and it does not count when you start the update again`,
        );
    } else if (isOver || (trial.details.census === undefined && lost.length === 0)) {
      return status === undefined ? ['the gateway was not started again: start it'] : [];
    }
    show('Waiting for the release before');
    await sleep(LOOK_MS);
  }
}

function isAlertOpen({ alerts }: StatusDocument): boolean {
  return alerts.some(({ mode }) => mode === 'live');
}
