import type { DeviceDocument, DoorDocument, InputDocument, PathDocument } from '../../../protocol/mqtt-documents.ts';
import { OPEN_ALERTS_MAX, overallState, type StatusDocument } from '../../../protocol/status-document.ts';
import { remedyFor } from './remedies.ts';
import { age, coloured, localTime, type TextOptions, table, wrapped } from './terminal-text.ts';

/** The overall word, then what is wrong, then everything else in short. */
export function statusText(status: StatusDocument, options: TextOptions): string[] {
  const { now } = options;
  const { gateway, version, started_at: started } = status;
  const since = `version ${version}, running since ${localTime(started, now)} (${age(started, now)})`;
  return [
    `${overallText(status)}  ${gateway}, ${since}`,
    ...section('Troubles', troubleLines(status, options)),
    ...section('Drills', drillLines(status, options)),
    ...section('Open alerts', alertLines(status, options)),
    ...section('Paths', pathLines(status.paths, options)),
    ...section('Inputs', inputLines(status.inputs, options)),
    ...section('Devices', deviceSummary(status.devices, options)),
    ...section('Doors', doorLines(status.doors, options)),
  ];
}

function overallText(status: StatusDocument): string {
  const state = overallState(status);
  if (state === 'ok') return coloured('green', 'OK');
  return state === 'starting' ? coloured('yellow', 'STARTING') : coloured('red', 'TROUBLE');
}

function section(title: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : ['', coloured('bold', title), ...lines];
}

/** Each trouble with its age and what to do about it. */
export function troubleLines({ troubles }: StatusDocument, { width, now }: TextOptions): string[] {
  return troubles.flatMap(({ type, text, since_at: since }) => {
    const remedy = remedyFor(type);
    const head = `  ${localTime(since, now)} (${age(since, now)})  ${coloured('red', text)}`;
    return [...wrapped(head, width, 4), ...(remedy === undefined ? [] : wrapped(`    ${remedy}`, width, 4))];
  });
}

export function drillLines({ drills }: StatusDocument, { width, now }: TextOptions): string[] {
  const rows = drills.map(({ scope, ends_at: ends, by, reason }) => {
    return [coloured('yellow', scope), `until ${localTime(ends, now)}`, `started by ${by}: ${reason}`];
  });
  return table(rows, width);
}

function alertLines({ alerts }: StatusDocument, { width, now }: TextOptions): string[] {
  const shown = alerts.slice(-10).reverse();
  const rows = shown.map(({ state, not_confirmed: late, text, raised_at: raised, id }) => {
    const word = late ? coloured('red', 'NOT CONFIRMED') : state;
    return [localTime(raised, now), word, `${text} (${id})`];
  });
  const hidden = alerts.length - shown.length;
  const count = alerts.length === OPEN_ALERTS_MAX ? `${hidden} or more` : String(hidden);
  return [...table(rows, width), ...(hidden > 0 ? [`  and ${count} older: callpoint alerts lists them`] : [])];
}

function pathLines(paths: readonly PathDocument[], { width, now }: TextOptions): string[] {
  const rows = paths.map(({ path, state, last_proven_at: proven, queued, detail }) => {
    const last = proven === null ? 'never answered' : `answered ${age(proven, now)} ago`;
    const waiting = queued > 0 ? `${queued} waiting` : '';
    return [path, linkWord(state), last, waiting, detail];
  });
  return table(rows, width);
}

function inputLines(inputs: readonly InputDocument[], { width }: TextOptions): string[] {
  return table(
    inputs.map(({ input, state, detail }) => [input, linkWord(state), detail]),
    width,
  );
}

function linkWord(state: InputDocument['state']): string {
  if (state === 'up') return coloured('green', state);
  return coloured(state === 'down' ? 'red' : 'yellow', state);
}

/** Numbers of devices by state, and those that need somebody, one by one. */
function deviceSummary(devices: readonly DeviceDocument[], options: TextOptions): string[] {
  if (devices.length === 0) return [];
  const counts = countsOf(devices.map(({ supervised }) => supervised));
  const wanting = devices.filter((device) => device.supervised === 'missing' || device.low_battery || device.tamper);
  return [`  ${counts}`, ...deviceLines(wanting, options)];
}

/** One line a device: state, battery, last proof of life, reception. */
export function deviceLines(devices: readonly DeviceDocument[], { width, now }: TextOptions): string[] {
  const rows = devices.map((device) => [
    device.device,
    `${device.building}/${device.floor}/${device.room}`,
    supervisedWord(device.supervised),
    device.last_proven_at === null ? 'not heard' : `heard ${age(device.last_proven_at, now)} ago`,
    [batteryWord(device), device.tamper ? coloured('red', 'tampered') : '', receptionWord(device)]
      .filter((word) => word !== '')
      .join(', '),
  ]);
  return table(rows, width);
}

function supervisedWord(supervised: DeviceDocument['supervised']): string {
  if (supervised === 'ok') return coloured('green', supervised);
  return coloured(supervised === 'missing' ? 'red' : 'yellow', supervised);
}

function batteryWord({ low_battery: low, battery_percent: percent, battery_mv: mv }: DeviceDocument): string {
  const charge = percent !== null ? ` ${percent} %` : mv !== null ? ` ${(mv / 1000).toFixed(2)} V` : '';
  if (low) return coloured('red', `low battery${charge}`);
  return charge === '' ? '' : `battery${charge}`;
}

function receptionWord({ reception }: DeviceDocument): string {
  const best = Math.max(...Object.values(reception).map(({ rssi_dbm: dbm }) => dbm));
  return Number.isFinite(best) ? `${best} dBm` : '';
}

function doorLines(doors: readonly DoorDocument[], { width, now }: TextOptions): string[] {
  if (doors.length === 0) return [];
  const wanting = doors.filter(({ state }) => state === 'forced' || state === 'heldOpen' || state === 'open');
  const rows = wanting.map(({ door, name, state, since_at: since }) => [
    door,
    state,
    `${name}, for ${age(since, now)}`,
  ]);
  return [`  ${countsOf(doors.map(({ state }) => state))}`, ...table(rows, width)];
}

function countsOf(words: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
  return [...counts].map(([word, count]) => `${count} ${word}`).join(', ');
}
