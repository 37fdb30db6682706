import type { DoorDocument, InputDocument, PathDocument, TroubleDocument } from '../../../protocol/mqtt-documents.ts';
import { OPEN_ALERTS_MAX, overallState, type StatusDocument } from '../../../protocol/status-document.ts';
import { type BackupState, backupStateText } from '../backup/last-backup.ts';
import {
  age,
  coloured,
  countsOf,
  firstOf,
  localTime,
  type TextOptions,
  table,
  whoText,
  wrapped,
} from '../terminal-text.ts';
import { deviceSummary } from './device-lines.ts';
import { remedyFor } from './remedies.ts';

/** An unknown door is not known to be secured. */
const WANTING_DOORS: readonly DoorDocument['state'][] = ['forced', 'heldOpen', 'open', 'unknown'];

/** The overall word, then what is wrong, then everything else in short. */
export function statusText(status: StatusDocument, options: TextOptions): string[] {
  const { now } = options;
  const { gateway, version, started_at: started } = status;
  const since = `version ${version}, running since ${localTime(started, now)} (${age(started, now)})`;
  return [
    ...wrapped(`${overallText(status)}  ${gateway}, ${since}`, options.width, 2),
    ...section(
      'Troubles',
      troublesByType(status, options, (lines) => firstOf(lines, 'callpoint troubles')),
    ),
    ...section('Configuration', configurationLines(status, options)),
    ...section('Drills', drillLines(status, options)),
    ...section('Walk test', walkTestLines(status, options)),
    ...section('Open alerts', alertLines(status, options)),
    ...section('Paths', pathLines(status.paths, options)),
    ...section('Inputs', inputLines(status.inputs, options)),
    ...section('Devices', deviceSummary(status.devices, options)),
    ...section('Doors', doorLines(status.doors, options)),
  ];
}

/** What has changed, for a file and a terminal that can't be drawn over. */
export function statusNews(
  status: StatusDocument,
  options: TextOptions,
): { readonly key: string; readonly text: string } {
  const { troubles, alerts, drills, walk_test: test } = status;
  const open = alerts.map(({ id, state, not_confirmed: late }) => [id, state, late]);
  // Not the ages: they change all the time.
  const key = JSON.stringify([
    overallState(status),
    troubles.map(({ type, text, since_at: since }) => [type, text, since]),
    open,
    drills.map(({ scope, ends_at: ends }) => [scope, ends]),
    test?.state,
  ]);
  const head = `${localTime(options.now.toISOString(), options.now)}  ${overallText(status)}`;
  const lines = [
    head,
    ...section('Troubles', troubleLines(status, options)),
    ...section('Drills', drillLines(status, options)),
    ...section('Walk test', walkTestLines(status, options)),
    ...section('Open alerts', alertLines(status, options)),
    '',
  ];
  return { key, text: lines.join('\n') };
}

/** That is no trouble: somebody may be about to edit more. */
function configurationLines({ configuration_changed: changed }: StatusDocument, { width, now }: TextOptions): string[] {
  if (changed === undefined) return [];
  const were = changed.files.length === 1 ? 'was' : 'were';
  const what = `${changed.files.join(' and ')} ${were} changed at ${localTime(changed.at, now)}`;
  return wrapped(
    `  ${coloured('yellow', what)} and ${were === 'was' ? 'is' : 'are'} not taken up: callpoint reload`,
    width,
    4,
  );
}

function overallText(status: StatusDocument): string {
  const state = overallState(status);
  if (state === 'ok') return coloured('green', 'OK');
  return state === 'starting' ? coloured('yellow', 'STARTING') : coloured('red', 'TROUBLE');
}

function section(title: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : ['', coloured('bold', title), ...lines];
}

/** Each trouble with its age and what was found, and once for each type what to do about it. */
export function troubleLines(status: StatusDocument, options: TextOptions): string[] {
  return troublesByType(status, options, (lines) => lines.flat());
}

/** @param shown what is shown of the troubles of one type, of each of which these are the lines */
function troublesByType(
  { troubles }: StatusDocument,
  { width, now }: TextOptions,
  shown: (lines: readonly string[][]) => string[],
): string[] {
  const byType = new Map<string, TroubleDocument[]>();
  for (const each of troubles) byType.set(each.type, [...(byType.get(each.type) ?? []), each]);
  return [...byType].flatMap(([type, alike]) => {
    const remedy = remedyFor(type);
    const lines = alike.map(({ text, detail, since_at: since }) => {
      const head = wrapped(`  ${localTime(since, now)} (${age(since, now)})  ${coloured('red', text)}`, width, 4);
      return [...head, ...(detail === undefined ? [] : wrapped(`    ${detail}`, width, 4))];
    });
    return [...shown(lines), ...(remedy === undefined ? [] : wrapped(`    ${remedy}`, width, 4))];
  });
}

export function updateLines(onTrial: readonly string[], width: number): string[] {
  return section(
    'Update',
    onTrial.flatMap((line) => wrapped(`  ${coloured('yellow', line)}`, width, 4)),
  );
}

/** In yellow if a new card would not bring the site back as it is. */
export function backupLines(backup: BackupState, width: number): string[] {
  const text = backupStateText(backup);
  return section('Backup', wrapped(`  ${backup.state === 'ok' ? text : coloured('yellow', text)}`, width, 4));
}

export function drillLines({ drills }: StatusDocument, { width, now }: TextOptions): string[] {
  const rows = drills.map(({ scope, ends_at: ends, by, reason }) => {
    return [coloured('yellow', scope), `until ${localTime(ends, now)}`, `started by ${whoText(by)}: ${reason}`];
  });
  return table(rows, width).flat();
}

/** The one that runs. One that is over is no news. */
function walkTestLines({ walk_test: test }: StatusDocument, { width, now }: TextOptions): string[] {
  if (test?.state !== 'running') return [];
  const { scope, ends_at: ends = '', tester, counts } = test;
  const all = counts.tested + counts.awaiting + counts.untested;
  const how = `${counts.tested} of ${all} tested by ${tester}: callpoint walk-test status`;
  return table([[coloured('yellow', scope), `until ${localTime(ends, now)}`, how]], width).flat();
}

function alertLines({ alerts }: StatusDocument, { width, now }: TextOptions): string[] {
  const shown = alerts.slice(-10).reverse();
  const rows = shown.map(({ state, not_confirmed: late, text, raised_at: raised, id }) => {
    const word = late ? coloured('red', 'NOT CONFIRMED') : state;
    return [localTime(raised, now), word, `${text} (${id})`];
  });
  const hidden = alerts.length - shown.length;
  const count = alerts.length === OPEN_ALERTS_MAX ? `${hidden} or more` : String(hidden);
  return [...table(rows, width).flat(), ...(hidden > 0 ? [`  and ${count} older: callpoint alerts lists them`] : [])];
}

function pathLines(paths: readonly PathDocument[], { width, now }: TextOptions): string[] {
  const rows = paths.map(({ path, state, last_proven_at: proven, queued, detail }) => {
    const last = proven === null ? 'never answered' : `answered ${age(proven, now)} ago`;
    const waiting = queued > 0 ? `${queued} waiting` : '';
    return [path, linkWord(state), last, waiting, detail];
  });
  return table(rows, width).flat();
}

function inputLines(inputs: readonly InputDocument[], { width }: TextOptions): string[] {
  const rows = inputs.flatMap(({ input, state, detail, bridges = {} }) => [
    [input, linkWord(state), detail],
    ...Object.entries(bridges).map(([topic, bridge]) => [`  ${topic}`, linkWord(bridge), 'bridge of devices']),
  ]);
  return table(rows, width).flat();
}

function linkWord(state: InputDocument['state']): string {
  if (state === 'up') return coloured('green', state);
  return coloured(state === 'down' ? 'red' : 'yellow', state);
}

function doorLines(doors: readonly DoorDocument[], { width, now }: TextOptions): string[] {
  if (doors.length === 0) return [];
  const wanting = doors.filter(({ state }) => WANTING_DOORS.includes(state));
  const rows = wanting.map(({ door, name, state, since_at: since }) => [
    door,
    state,
    `${name}, for ${age(since, now)}`,
  ]);
  return [`  ${countsOf(doors.map(({ state }) => state))}`, ...firstOf(table(rows, width))];
}
