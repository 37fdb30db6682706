import type { StatusDocument } from '../../protocol/status-document.ts';
import type { Site } from '../core/site.ts';
import type { Census, CensusItem } from './trial-file.ts';

/** Nothing is lost sooner: a receiver or a bridge may come back as late as this by itself, ms. */
const WITHIN_MS_MIN = 120_000;
const MINUTE_MS = 60_000;
const TRIAL_MINUTES = { least: 10, most: 60 } as const;
/** Longest wait for the first device of an input, ms. */
const HEARD_MS_MAX = 24 * 60 * MINUTE_MS;

/**
 * Troubles that people, the field or a calendar cause. A release is not returned for them. Those of
 * a device, an input or a path that is lost are counted with it.
 */
const NOT_OF_A_RELEASE: ReadonlySet<string> = new Set([
  'deviceMissing',
  'devicesMissing',
  'inputDown',
  'pathDown',
  'canaryFailed',
  'lowBattery',
  'tamper',
  'stuckButton',
  'wireFault',
  'deviceFault',
  'doorForced',
  'doorHeldOpen',
  'certificateExpires',
  'clockUnsynchronised',
  'notProven',
  'brokerGuessed',
  'brokerFull',
  'clientTurnedAway',
  'unknownPress',
  'unknownDevice',
  'updateReturned',
]);
/** It stands until the next start, so waiting for its end is of no use. */
const AT_ONCE: ReadonlySet<string> = new Set(['gatewayDefect']);

/** What is well now, and how long each thing may take to be well after a restart. */
export function takeCensus(status: StatusDocument, site: Site | undefined): Census {
  const items: CensusItem[] = [];
  for (const { device, input, supervised } of status.devices) {
    if (supervised !== 'ok') continue;
    const { heartbeatMs = 0, missedHeartbeats = 1 } = site?.devices.get(device) ?? {};
    items.push({ what: 'device', id: device, withinMs: within(heartbeatMs * missedHeartbeats), input });
  }
  const up = status.inputs.filter(({ state }) => state === 'up').map(({ input }) => input);
  for (const input of up) items.push({ what: 'input', id: input, withinMs: WITHIN_MS_MIN });
  for (const { path, state } of status.paths) {
    const supervision = site?.paths.find(({ id }) => id === path)?.supervision;
    // Without supervision only an alert proves the path.
    if (state !== 'up' || supervision?.mode === 'off') continue;
    const { intervalMs = 0, upAfter = 1 } = supervision ?? {};
    items.push({ what: 'path', id: path, withinMs: within(intervalMs * upAfter) });
  }
  const failed = status.troubles.some(({ type }) => type === 'canaryFailed');
  const canary = site?.canary;
  return {
    items,
    troubles: status.troubles.map(({ id }) => id),
    unproven: up.filter((input) => isUnproven(input, status)),
    ...(canary?.output !== undefined && !failed && { canary: canaryOf(status, canary.withinMs) }),
  };
}

/** None of the devices of an input gives a sign of life by itself: silence proves nothing. */
function isUnproven(id: string, { devices }: StatusDocument): boolean {
  const own = devices.filter(({ input }) => input === id);
  return own.length > 0 && own.every(({ supervised }) => supervised !== 'ok');
}

function canaryOf({ paths }: StatusDocument, withinMs: number): NonNullable<Census['canary']> {
  const proven = paths.filter(({ state, last_canary_at: at }) => state === 'up' && at !== null);
  return { paths: proven.map(({ path }) => path), withinMs };
}

/** Twice its own time: the first sign of life may come just after a whole interval. */
function within(intervalMs: number): number {
  return Math.max(WITHIN_MS_MIN, 2 * intervalMs);
}

/**
 * Long enough for each thing that was well, within reason, and always for one device of each input:
 * a release that hears nothing is not confirmed because nothing was due.
 *
 * @param asked by a person
 */
export function trialMinutes(census: Census, asked?: number): number {
  const longest = minutesFor(Math.max(0, ...census.items.map(({ withinMs }) => withinMs)));
  const usual = Math.min(TRIAL_MINUTES.most, Math.max(TRIAL_MINUTES.least, longest));
  return Math.max(asked ?? usual, minutesFor(Math.max(0, ...firstHeard(census).values())));
}

function minutesFor(ms: number): number {
  return ms === 0 ? 0 : Math.ceil(ms / MINUTE_MS) + 1;
}

/** When each input that had a device has to have heard one again, ms. */
function firstHeard({ items }: Census): ReadonlyMap<string, number> {
  const due = new Map<string, number>();
  for (const { input, withinMs } of items)
    if (input !== undefined) due.set(input, Math.min(due.get(input) ?? HEARD_MS_MAX, withinMs));
  return due;
}

/** Inputs that had a device, have heard none since, and still may. */
function silentInputs(census: Census, status: StatusDocument, elapsedMs: number): ReadonlySet<string> {
  const heard = new Set(census.items.filter((item) => stateOf(item, status) === 'well').map(({ input }) => input));
  const due = [...firstHeard(census)].filter(([input, dueMs]) => !heard.has(input) && elapsedMs < dueMs);
  return new Set(due.map(([input]) => input));
}

/** Inputs of which the verdict says nothing: no device has a heartbeat, and none was used since. */
function unprovenInputs({ unproven = [] }: Census, { devices, started_at: start }: StatusDocument): readonly string[] {
  const isHeard = (id: string) =>
    devices.some(({ input, last_proven_at: at }) => input === id && at !== null && Date.parse(at) > Date.parse(start));
  return unproven.filter((id) => !isHeard(id));
}

/** How the canary's press after the update fares. */
export interface CanaryProgress {
  /** What each path said of its last canary before the press. */
  readonly before: ReadonlyMap<string, string | null>;
  readonly elapsedMs: number;
  /** The gateway refused to press it, or did not answer; it is asked again. */
  readonly refused?: string;
}

interface Verdict {
  /** `well`: all is as before. `lost`: it will not get well. `waiting`: too early to say. */
  readonly verdict: 'well' | 'lost' | 'waiting';
  /** What is lost, or is waited for, for a person. */
  readonly what: readonly string[];
  readonly items: readonly CensusItem[];
  /** Well before, not heard since, and not due yet when the trial's time was over. */
  readonly notJudged: readonly CensusItem[];
  /** Inputs that could not prove that they hear. */
  readonly unproven: readonly string[];
}

/**
 * Compares what was well before an update with what is well after it. What was not well before
 * counts for nothing.
 *
 * @param elapsedMs since the new release answered first
 * @param limitMs longest time for the verdict
 */
export function judge(
  census: Census,
  status: StatusDocument,
  times: { readonly elapsedMs: number; readonly limitMs: number },
  canary: CanaryProgress | undefined,
): Verdict {
  const { elapsedMs, limitMs } = times;
  const isOver = elapsedMs >= limitMs;
  const unwell = census.items.flatMap((item) => {
    const state = stateOf(item, status);
    return state === 'well' ? [] : [{ item, state }];
  });
  const isLost = ({ item, state }: (typeof unwell)[number]) =>
    elapsedMs >= item.withinMs || (isOver && state === 'lost') || state === 'gone';
  const lost = unwell.filter(isLost);
  const open = unwell.filter((each) => !isLost(each));
  const troubles = newTroubles(census, status);
  const bad = troubles.filter(({ type }) => AT_ONCE.has(type) || elapsedMs >= WITHIN_MS_MIN || isOver);
  const pressed = canaryVerdict(census, status, canary);
  const silent = silentInputs(census, status, elapsedMs);
  const awaited = isOver ? open.filter(({ item }) => item.input !== undefined && silent.has(item.input)) : open;
  const reasons = [
    ...lost.map(({ item, state }) => itemText(item, state)),
    ...bad.map(({ text, detail }) => (detail === undefined ? text : `${text}: ${detail}`)),
    ...(pressed.verdict === 'lost' ? [pressed.text] : []),
  ];
  const items = lost.map(({ item }) => item);
  if (reasons.length > 0) return { verdict: 'lost', what: reasons, items, ...NOTHING_OPEN };
  const waiting = [
    ...awaited.map(({ item, state }) => itemText(item, state)),
    ...troubles.map(({ text }) => text),
    ...(pressed.verdict === 'waiting' ? [pressed.text] : []),
  ];
  if (waiting.length > 0)
    return { verdict: 'waiting', what: waiting, items: awaited.map(({ item }) => item), ...NOTHING_OPEN };
  const unproven = unprovenInputs(census, status);
  return { verdict: 'well', what: [], items: [], notJudged: open.map(({ item }) => item), unproven };
}

const NOTHING_OPEN = { notJudged: [], unproven: [] } as const;

/** `gone`: the gateway does not know it any more. */
type ItemState = 'well' | 'unknown' | 'lost' | 'gone';

export function stateOf({ what, id }: CensusItem, status: StatusDocument): ItemState {
  const state =
    what === 'device'
      ? status.devices.find(({ device }) => device === id)?.supervised
      : what === 'input'
        ? status.inputs.find(({ input }) => input === id)?.state
        : status.paths.find(({ path }) => path === id)?.state;
  if (state === undefined) return 'gone';
  if (state === 'ok' || state === 'up' || state === 'unsupervised') return 'well';
  return state === 'unknown' ? 'unknown' : 'lost';
}

export function itemText({ what, id }: CensusItem, state: ItemState = 'lost'): string {
  if (state === 'gone') return `${what} ${id} is not there any more`;
  if (what === 'device') return `device ${id} ${state === 'unknown' ? 'has not been heard yet' : 'is missing'}`;
  return `${what} ${id} is ${state === 'unknown' ? 'not proven yet' : 'down'}`;
}

function newTroubles({ troubles }: Census, status: StatusDocument): StatusDocument['troubles'] {
  const before = new Set(troubles);
  return status.troubles.filter(({ id, type }) => !before.has(id) && !NOT_OF_A_RELEASE.has(type));
}

function canaryVerdict(
  { canary }: Census,
  { paths }: StatusDocument,
  progress: CanaryProgress | undefined,
): { readonly verdict: Verdict['verdict']; readonly text: string } {
  if (canary === undefined) return { verdict: 'well', text: '' };
  if (progress === undefined) return { verdict: 'waiting', text: 'the canary was not pressed yet' };
  if (progress.refused !== undefined) {
    const verdict = progress.elapsedMs >= WITHIN_MS_MIN ? 'lost' : 'waiting';
    return { verdict, text: `the canary could not be pressed: ${progress.refused}` };
  }
  const has = new Set(
    paths
      .filter(({ path, last_canary_at: at }) => at !== null && at !== (progress.before.get(path) ?? null))
      .map(({ path }) => path),
  );
  // A site whose canary never came through in the last run: one path that has it is enough.
  const missing =
    canary.paths.length > 0 ? canary.paths.filter((path) => !has.has(path)) : has.size > 0 ? [] : ['any path'];
  if (missing.length === 0) return { verdict: 'well', text: '' };
  const text = `the canary's press was not acknowledged on ${missing.join(', ')}`;
  return { verdict: progress.elapsedMs > canary.withinMs + WITHIN_MS_MIN ? 'lost' : 'waiting', text };
}
