import { covers } from '../../protocol/mqtt-topic-filter.ts';
import type { Expectation } from './expectation-shapes.ts';
import { describeMs } from './fields.ts';
import type { Seen, SeenDocument } from './history.ts';
import { hasFields, isOf } from './matches.ts';

export type Verdict =
  | { readonly state: 'met'; readonly atMs: number; readonly tookMs: number }
  /** `untilMs`: it has failed if nothing happens before. `Infinity`: it is decided at the end. */
  | { readonly state: 'pending'; readonly untilMs: number }
  | { readonly state: 'failed'; readonly why: string };

type Of<W extends Expectation['what']> = Extract<Expectation, { what: W }>;
type SeenOf<T extends Seen['type']> = Extract<Seen, { type: T }>;

/** Where one candidate counts from, and when it came true. */
interface Hit {
  readonly baseMs: number;
  readonly atMs: number;
}

/**
 * Says what has become of an expectation.
 * @param isOver nothing more can happen
 * @param fromMs where it counts from if it does not name a step
 */
export function judge(expectation: Expectation, seen: readonly Seen[], isOver: boolean, fromMs = 0): Verdict {
  const sinceMs = sinceOf(expectation, seen, fromMs);
  if (sinceMs === undefined) return notYet(`the step "${expectation.since}" did not come`, isOver);
  switch (expectation.what) {
    case 'alert':
      return judgeAlert(expectation, seen, sinceMs, isOver);
    case 'shown':
      return judgeShown(expectation, seen, sinceMs, isOver);
    case 'noAlert':
      return absent(unwantedAlert(expectation, seen, sinceMs), isOver);
    case 'noTrouble':
      return absent(unwantedTrouble(expectation, seen, sinceMs), isOver);
    case 'trouble':
    case 'restored':
      return judgeTrouble(expectation, seen, sinceMs, isOver);
    case 'wall':
      return judgeWall(expectation, seen, sinceMs, isOver);
    case 'mqtt': {
      const { mqtt, has, within } = expectation;
      const fits = (each: SeenOf<'mqtt'>) => covers(mqtt, each.topic) && hasFields(each.document, has);
      const found = ofType(seen, 'mqtt').find((each) => each.atMs >= sinceMs && fits(each));
      return bounded(found && { baseMs: sinceMs, atMs: found.atMs }, sinceMs, within, isOver, 'no such document came');
    }
    case 'journal': {
      const [found] = ofType(seen, 'journal');
      if (found === undefined) return notYet('the journal was not looked at', isOver);
      return found.verifies ? met({ baseMs: found.atMs, atMs: found.atMs }) : { state: 'failed', why: found.detail };
    }
  }
}

function judgeAlert(expectation: Of<'alert'>, seen: readonly Seen[], sinceMs: number, isOver: boolean): Verdict {
  const { alert, from, acknowledged, text, has, times, within } = expectation;
  const documents = ofType(seen, 'mqtt').filter(({ topic }) => topic.startsWith('alert/'));
  const raised = new Map<string, SeenOf<'mqtt'>>();
  const hits = new Map<string, Hit>();
  const old = new Set(documents.flatMap(({ topic, atMs }) => (isBefore(atMs, sinceMs) ? [topic] : [])));
  for (const each of documents) {
    const { topic, document, atMs } = each;
    if (old.has(topic) || !isOf(alert, document.kind) || !isOf(from, document.device)) continue;
    const first = raised.get(topic) ?? each;
    raised.set(topic, first);
    const fits =
      (acknowledged === undefined || hasFields(document, { paths: { [acknowledged]: { state: 'acknowledged' } } })) &&
      (text === undefined || String(document.text).includes(text)) &&
      hasFields(document, has);
    if (!fits || hits.has(topic)) continue;
    const baseMs = expectation.since === undefined ? pressOf(document, first.atMs, seen) : sinceMs;
    hits.set(topic, { baseMs, atMs });
  }
  if (times !== undefined && raised.size > times) {
    return { state: 'failed', why: `${raised.size} alerts were raised, not ${times}` };
  }
  const presses = ofType(seen, 'pressed').filter(({ device }) => isOf(from, device));
  const lastMs = expectation.since === undefined ? (presses.at(-1)?.atMs ?? sinceMs) : sinceMs;
  const why = missing(raised.size, hits.size, times ?? 1, acknowledged);
  return counted([...hits.values()], times, lastMs, within, isOver, why);
}

function missing(raised: number, fitting: number, wanted: number, path: string | undefined): string {
  if (raised === 0) return 'no such alert was raised';
  const rest = path === undefined ? 'fits' : `was acknowledged on ${path} as wanted`;
  if (wanted === 1) return `an alert was raised, but none ${rest}`;
  return `${raised} of ${wanted} alerts were raised, and ${fitting} ${path === undefined ? 'fit' : `were acknowledged on ${path}`}`;
}

/** What came at the very time of a step came before it. */
function isBefore(atMs: number, sinceMs: number): boolean {
  return atMs < sinceMs || (atMs === sinceMs && sinceMs > 0);
}

/** The time of the press that raised an alert; the alert's own first sight if none is known. */
function pressOf(document: SeenDocument, firstMs: number, seen: readonly Seen[]): number {
  const presses = ofType(seen, 'pressed');
  const own = presses.find(({ alert }) => alert !== undefined && alert === document.id);
  return (own ?? presses.findLast(({ device, atMs }) => device === document.device && atMs <= firstMs))?.atMs ?? 0;
}

function judgeShown(expectation: Of<'shown'>, seen: readonly Seen[], sinceMs: number, isOver: boolean): Verdict {
  const { shown, text, from, times, within } = expectation;
  const presses = ofType(seen, 'pressed').filter(({ device }) => from === undefined || device === from);
  const texts = ofType(seen, 'mqtt')
    .filter(({ topic, document }) => topic.startsWith('alert/') && document.device === from)
    .map(({ document }) => String(document.text));
  const hits = ofType(seen, 'shown')
    .filter(({ path, atMs, displayed }) => {
      const isOfPress = presses.some(({ alert }) => alert !== undefined && alert === displayed.id);
      // Where a far end gets no id, the alert's text tells whose it is.
      const isFrom = from === undefined || isOfPress || texts.some((each) => displayed.text.includes(each));
      return path === shown && atMs >= sinceMs && isFrom && (text === undefined || displayed.text.includes(text));
    })
    .map(({ atMs }): Hit => {
      const press = expectation.since === undefined ? presses.findLast((each) => each.atMs <= atMs) : undefined;
      return { baseMs: press?.atMs ?? sinceMs, atMs };
    });
  if (times !== undefined && hits.length > times) {
    return { state: 'failed', why: `it was displayed ${hits.length} times, not ${times}` };
  }
  if (times === 0) return absent(undefined, isOver);
  const lastMs = expectation.since === undefined ? (presses.at(-1)?.atMs ?? sinceMs) : sinceMs;
  const why = hits.length === 0 ? 'it was not displayed' : `it was displayed ${hits.length} times, not ${times}`;
  return counted(hits, times, lastMs, within, isOver, why);
}

function unwantedAlert({ noAlert }: Of<'noAlert'>, seen: readonly Seen[], sinceMs: number): string | undefined {
  const documents = ofType(seen, 'mqtt').filter(({ topic }) => topic.startsWith('alert/'));
  // An alert that is over does not come back by itself.
  const isOver = ({ document }: SeenOf<'mqtt'>) => document.state === 'cancelled' || document.state === 'resolved';
  const open = new Map(
    documents.flatMap((each) => (isBefore(each.atMs, sinceMs) ? [[each.topic, !isOver(each)] as const] : [])),
  );
  const found = documents.find(
    (each) =>
      !isBefore(each.atMs, sinceMs) &&
      !isOver(each) &&
      open.get(each.topic) !== true &&
      isOf(noAlert, each.document.device),
  );
  return found && `${String(found.document.id)} was raised at ${describeMs(found.atMs)}`;
}

function unwantedTrouble(wanted: Of<'noTrouble'>, seen: readonly Seen[], sinceMs: number): string | undefined {
  const standing = troubles(wanted.noTrouble, wanted.of, seen).filter(({ document }) => document.state === 'standing');
  const old = new Set(standing.flatMap(({ document, atMs }) => (atMs < sinceMs ? [sortOf(document)] : [])));
  const found = standing.find(({ atMs, document }) => atMs >= sinceMs && !old.has(sortOf(document)));
  return found && `${String(found.document.text)} was raised at ${describeMs(found.atMs)}`;
}

/** The same trouble comes again when the connection to the broker is made anew. */
function sortOf({ id, since_at: sinceAt }: SeenDocument): string {
  return `${String(id)} ${String(sinceAt)}`;
}

function judgeTrouble(
  expectation: Of<'trouble'> | Of<'restored'>,
  seen: readonly Seen[],
  sinceMs: number,
  isOver: boolean,
): Verdict {
  const [type, state] =
    expectation.what === 'trouble' ? [expectation.trouble, 'standing'] : [expectation.restored, 'restored'];
  const text = expectation.what === 'trouble' ? (expectation.text ?? '') : '';
  const found = troubles(type, expectation.of, seen).find(
    ({ atMs, document }) =>
      atMs >= sinceMs && document.state === state && `${document.text} ${document.detail ?? ''}`.includes(text),
  );
  const why = `no such trouble was ${state === 'standing' ? 'raised' : 'restored'}`;
  return bounded(found && { baseMs: sinceMs, atMs: found.atMs }, sinceMs, expectation.within, isOver, why);
}

function troubles(type: string, of: string | undefined, seen: readonly Seen[]): readonly SeenOf<'mqtt'>[] {
  const subjects = ['device', 'door', 'input', 'output', 'path', 'building', 'room', 'id'];
  return ofType(seen, 'mqtt').filter(
    ({ topic, document }) =>
      topic.startsWith('trouble/') &&
      isOf(type, document.type) &&
      (of === undefined || subjects.some((name) => document[name] === of)),
  );
}

function judgeWall(expectation: Of<'wall'>, seen: readonly Seen[], sinceMs: number, isOver: boolean): Verdict {
  const { wall, shows, stays, within, since } = expectation;
  const press =
    since === undefined
      ? ofType(seen, 'pressed').find(({ device, atMs }) => device === wall && atMs >= sinceMs)
      : undefined;
  const baseMs = press?.atMs ?? sinceMs;
  const leds = ofType(seen, 'led').filter(({ device }) => device === wall);
  const before = leds.findLast(({ atMs }) => atMs < baseMs)?.led ?? 'off';
  if (stays) {
    const other = before === shows ? leds.find(({ atMs, led }) => atMs >= baseMs && led !== shows) : { led: before };
    return absent(other && `it showed ${other.led}`, isOver);
  }
  // After a press, what the wall showed before it proves nothing.
  if (press === undefined && before === shows) return met({ baseMs, atMs: baseMs });
  const found = leds.find(({ atMs, led }) => atMs >= baseMs && led === shows);
  const last = leds.at(-1)?.led ?? 'off';
  return bounded(found && { baseMs, atMs: found.atMs }, baseMs, within, isOver, `it shows ${last}`);
}

/** All candidates that came, each with its own bound. */
function counted(
  hits: readonly Hit[],
  times: number | undefined,
  lastMs: number,
  within: number,
  isOver: boolean,
  why: string,
): Verdict {
  const late = hits.find(({ baseMs, atMs }) => atMs - baseMs > within);
  const inTime = hits.filter(({ baseMs, atMs }) => atMs - baseMs <= within);
  const [first] = inTime;
  if (times === undefined) {
    return bounded(first ?? late, lastMs, within, isOver, why);
  }
  if (late !== undefined) return bounded(late, lastMs, within, isOver, why);
  const slowest = inTime.toSorted((a, b) => b.atMs - b.baseMs - (a.atMs - a.baseMs))[0];
  if (inTime.length < times || slowest === undefined) return bounded(undefined, lastMs, within, isOver, why);
  // One more may still come.
  return isOver ? met(slowest) : { state: 'pending', untilMs: Number.POSITIVE_INFINITY };
}

function bounded(hit: Hit | undefined, baseMs: number, within: number, isOver: boolean, why: string): Verdict {
  if (hit !== undefined) {
    if (hit.atMs - hit.baseMs <= within) return met(hit);
    return {
      state: 'failed',
      why: `it came after ${describeMs(hit.atMs - hit.baseMs)}, not within ${describeMs(within)}`,
    };
  }
  if (isOver) return { state: 'failed', why: `${why} within ${describeMs(within)}` };
  return { state: 'pending', untilMs: baseMs + within };
}

function absent(found: string | undefined, isOver: boolean): Verdict {
  if (found !== undefined) return { state: 'failed', why: found };
  return isOver ? met({ baseMs: 0, atMs: 0 }) : { state: 'pending', untilMs: Number.POSITIVE_INFINITY };
}

function notYet(why: string, isOver: boolean): Verdict {
  return isOver ? { state: 'failed', why } : { state: 'pending', untilMs: Number.POSITIVE_INFINITY };
}

function met({ baseMs, atMs }: Hit): Verdict {
  return { state: 'met', atMs, tookMs: atMs - baseMs };
}

/** The time of the step that `since` names; `undefined` if it has not come. */
function sinceOf({ since }: Expectation, seen: readonly Seen[], fromMs: number): number | undefined {
  if (since === undefined) return fromMs;
  return ofType(seen, 'step').find(({ name }) => name === since)?.atMs;
}

function ofType<T extends Seen['type']>(seen: readonly Seen[], type: T): readonly SeenOf<T>[] {
  return seen.filter((each): each is SeenOf<T> => each.type === type);
}
