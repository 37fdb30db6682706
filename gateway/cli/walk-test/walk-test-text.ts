import type {
  ProofDocument,
  WalkTestDocument,
  WalkTestItem,
  WalkTestPlace,
  WalkTestSummary,
} from '../../../protocol/walk-test-document.ts';
import { age, coloured, localTime, type TextOptions, whoText, wrapped } from '../terminal-text.ts';

/** Rows for a list that is longer than the screen: it says how much is left out. */
const ROWS_MIN = 6;

/** How the live screen is written. */
interface ScreenOptions extends TextOptions {
  /** Rows of the terminal; `undefined`: as many as it takes. */
  readonly rows?: number;
}

/** Everything: the head, what was never tested, then every place with its items. */
export function walkTestText(document: WalkTestDocument, options: TextOptions): string[] {
  const { places } = document;
  return [
    ...headLines(document, options),
    ...places.flatMap((place) => ['', ...placeLines(place, place.items, options)]),
  ];
}

/**
 * For a phone in the corridor: the last press first and large, then what is left, by room, as far
 * as the screen reaches.
 */
export function walkTestScreen(document: WalkTestDocument, options: ScreenOptions): string[] {
  const { rows } = options;
  const top = [...headLines(document, options), '', ...lastLines(document, options), ''];
  const left = document.places.flatMap((place) => {
    const items = place.items.filter(({ state }) => state !== 'tested');
    return items.length === 0 ? [] : [placeLines(place, items, options)];
  });
  if (left.length === 0) return [...top, coloured('green', 'Everything in the scope is tested.')];
  const head = coloured('bold', 'Left');
  const room = rows === undefined ? Number.POSITIVE_INFINITY : Math.max(ROWS_MIN, rows - top.length - 4);
  return [...top, head, ...fitting(left, room, options)];
}

/** One line for each change, for a terminal that can't be cleared and for a file. */
export function changeLine({ last, counts }: WalkTestSummary, place: string, { now }: TextOptions): string {
  if (last === undefined) return countsText(counts);
  const at = last.proof === undefined ? '' : `${clock(last.proof.at, now)} `;
  const how = last.proof === undefined ? [] : proofWords(last.proof);
  return `${at}${markOf(last)} ${place}: ${[last.name, ...last.awaited.map(waitingFor), ...how].join(', ')} (${countsText(counts)})`;
}

/** Who tests, where and until when, and how far it is. */
function headLines(document: WalkTestSummary, { width, now }: TextOptions): string[] {
  const { scope, state, counts, started_at: started, ends_at: ends, tester, by, reason } = document;
  if (state === 'none') {
    const none = 'No walk test has been run. Start one: callpoint walk-test start --scope site';
    return [...wrapped(none, width, 2), countsText(counts)];
  }
  const until = ends === undefined ? '' : localTime(ends, now);
  const word = state === 'running' ? coloured('yellow', 'RUNNING') : coloured('bold', 'ENDED');
  const end =
    state === 'running'
      ? `until ${until} (${left(ends, now)} left)`
      : `${until}, by ${whoText(document.ended_by ?? '')}: ${document.ended_reason}`;
  const began = started === undefined ? '' : localTime(started, now);
  return [
    ...wrapped(`${coloured('bold', 'Walk test')} of ${scope}: ${word} ${end}`, width, 2),
    ...wrapped(`Tester ${tester}; started ${began} by ${whoText(by ?? '')}: ${reason}`, width, 2),
    coloured('bold', countsText(counts)),
  ];
}

function countsText({ tested, awaiting, untested }: WalkTestSummary['counts']): string {
  const all = tested + awaiting + untested;
  const waiting = awaiting === 0 ? '' : `, ${awaiting} waiting`;
  return `${tested} of ${all} tested${waiting}`;
}

function lastLines({ last, places }: WalkTestDocument, { width, now }: TextOptions): string[] {
  if (last === undefined) return wrapped('Nothing pressed yet. Press a button once, and briefly.', width, 2);
  const rule = '='.repeat(Math.min(width, 60));
  const place = places.find(({ items }) => items.some(({ item }) => item === last.item));
  const word = last.state === 'tested' ? coloured('green', 'TESTED') : coloured('yellow', 'WAITING');
  const words = last.proof === undefined ? last.awaited.map(waitingFor) : proofWords(last.proof);
  const at = last.proof === undefined ? '' : ` ${clock(last.proof.at, now)}`;
  return [
    rule,
    ...wrapped(coloured('bold', ` ${place?.text ?? ''}`), width, 1),
    ...wrapped(` ${last.name}`, width, 1),
    ` ${word}${at}`,
    ...words.flatMap((each) => wrapped(` ${each}`, width, 1)),
    rule,
  ];
}

/** The place, and a line for each of its items. */
function placeLines({ text }: WalkTestPlace, items: readonly WalkTestItem[], options: TextOptions): string[] {
  const { width } = options;
  return [...wrapped(coloured('bold', text), width, 2), ...items.flatMap((item) => itemLines(item, options))];
}

function itemLines(item: WalkTestItem, { width, now }: TextOptions): string[] {
  const { proof, earlier, awaited } = item;
  const words =
    proof === undefined
      ? [...awaited.map(waitingFor), ...lastProven(item.state, earlier, now)]
      : [clock(proof.at, now), ...proofWords(proof)];
  const hint = item.of === 'button' && item.silent && item.state !== 'tested' ? ['silent: the wall stays dark'] : [];
  return wrapped(`  ${markOf(item)} ${[item.name, ...words, ...hint].join(', ')}`, width, 6);
}

function lastProven(state: WalkTestItem['state'], earlier: ProofDocument | undefined, now: Date): string[] {
  if (state !== 'untested') return [];
  if (earlier === undefined) return [coloured('red', 'never proven')];
  return [`proven ${age(earlier.at, now)} ago by ${KINDS[earlier.kind]}`];
}

const KINDS: Readonly<Record<ProofDocument['kind'], string>> = {
  walkTest: 'a walk test',
  drill: 'a drill',
  alert: 'a real alert',
  use: 'daily use',
};

/** Says it without colour, too. */
function markOf({ state }: WalkTestItem): string {
  if (state === 'tested') return coloured('green', '[x]');
  return state === 'awaiting' ? coloured('yellow', '[~]') : '[ ]';
}

function waitingFor(awaited: string): string {
  return `waits for ${awaited}`;
}

/** What of a proof a tester wants to know at once. */
function proofWords({ paths, signal, battery }: ProofDocument): string[] {
  const words = paths.map(({ path, ms, handed_over: handed }) => {
    return `${handed ? 'handed over to ' : ''}${path}${ms === undefined ? '' : ` ${Math.round(ms)} ms`}`;
  });
  if (signal?.rssi_dbm !== undefined) words.push(`${signal.rssi_dbm} dBm, ${marginText(signal.margin_db ?? 0)}`);
  if (signal?.repeats !== undefined && signal.repeats > 0) words.push(counted(signal.repeats, 'repeat'));
  if (signal?.bounces !== undefined && signal.bounces > 0) words.push(counted(signal.bounces, 'bounce'));
  const charge = batteryText(battery);
  if (charge !== undefined) words.push(charge);
  return words;
}

function marginText(marginDb: number): string {
  if (marginDb < 0) return coloured('red', `${-marginDb} dB too weak`);
  return `margin ${marginDb} dB`;
}

function batteryText(battery: ProofDocument['battery']): string | undefined {
  if (battery === undefined) return undefined;
  const { percent, mv, low } = battery;
  const charge = percent !== undefined ? ` ${percent} %` : mv !== undefined ? ` ${(mv / 1000).toFixed(2)} V` : '';
  if (low) return coloured('red', `low battery${charge}`);
  return charge === '' ? undefined : `battery${charge}`;
}

function counted(count: number, word: string): string {
  return `${count} ${word}${count === 1 ? '' : 's'}`;
}

/** As many groups of lines as fit, and how many do not. */
function fitting(groups: readonly string[][], rows: number, { width }: TextOptions): string[] {
  const lines: string[] = [];
  for (const [at, group] of groups.entries()) {
    if (lines.length + group.length > rows && at > 0) {
      const more = `and ${groups.length - at} more places: callpoint walk-test status`;
      return [...lines, ...wrapped(more, width, 2)];
    }
    lines.push(...group);
  }
  return lines;
}

function clock(iso: string, now: Date): string {
  const text = localTime(iso, now);
  const isToday = new Date(iso).toDateString() === now.toDateString();
  return isToday ? text.slice(-8) : text;
}

function left(iso: string | undefined, now: Date): string {
  if (iso === undefined) return '';
  const minutes = Math.max(0, Math.ceil((new Date(iso).getTime() - now.getTime()) / 60_000));
  return `${minutes} min`;
}
