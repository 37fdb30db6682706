import type { DeviceDocument } from '../../../protocol/mqtt-documents.ts';
import { age, coloured, countsOf, firstOf, type TextOptions, table, wrapped } from '../terminal-text.ts';

const NOT_UNDERSTOOD =
  '  Not understood: the log has the text, under notUnderstood and pressNotUnderstood. Name it in site.yaml.';

/** Those that need somebody first. */
const URGENCY: readonly DeviceDocument['supervised'][] = ['missing', 'unknown', 'ok', 'unsupervised'];

/** Numbers of devices by state, and those that need somebody, one by one. */
export function deviceSummary(devices: readonly DeviceDocument[], options: TextOptions): string[] {
  if (devices.length === 0) return [];
  const lines = deviceRows(devices.filter(isWanting), options);
  return [`  ${stateCounts(devices)}`, ...firstOf(lines, 'callpoint devices')];
}

/**
 * Every device: the urgent ones first, then in the order of their rooms. The numbers come last,
 * where they are seen when a long list has scrolled by.
 */
export function deviceLines(devices: readonly DeviceDocument[], options: TextOptions): string[] {
  if (devices.length === 0) return [];
  const isUnclear = devices.some(({ not_understood: count }) => count > 0);
  return [
    ...deviceRows(devices, options).flat(),
    '',
    ...(isUnclear ? wrapped(NOT_UNDERSTOOD, options.width, 2) : []),
    `  ${devices.length} in all: ${stateCounts(devices)}`,
  ];
}

/** The lines of each device: state, last proof of life, battery, reception. */
function deviceRows(devices: readonly DeviceDocument[], { width, now }: TextOptions): string[][] {
  const rows = [...devices]
    .sort(byUrgency)
    .map((device) => [
      device.device,
      placeOf(device),
      supervisedWord(device.supervised),
      device.last_proven_at === null ? 'not heard' : `heard ${age(device.last_proven_at, now)} ago`,
      [
        batteryWord(device),
        device.tamper ? coloured('red', 'tampered') : '',
        notUnderstoodWord(device),
        receptionWord(device),
      ]
        .filter((word) => word !== '')
        .join(', '),
    ]);
  return table(rows, width);
}

function isWanting({ supervised, low_battery: low, tamper }: DeviceDocument): boolean {
  return supervised === 'missing' || low === true || tamper === true;
}

function urgencyOf(device: DeviceDocument): number {
  const at = URGENCY.indexOf(device.supervised);
  return device.supervised !== 'missing' && isWanting(device) ? 0.5 : at;
}

function byUrgency(one: DeviceDocument, other: DeviceDocument): number {
  const inOrder = (a: string, b: string) => a.localeCompare(b, 'en', { numeric: true });
  return (
    urgencyOf(one) - urgencyOf(other) || inOrder(placeOf(one), placeOf(other)) || inOrder(one.device, other.device)
  );
}

function placeOf({ building, floor, room }: DeviceDocument): string {
  return `${building}/${floor}/${room}`;
}

function stateCounts(devices: readonly DeviceDocument[]): string {
  const states = devices.map(({ supervised }) => supervised);
  return countsOf(states.sort((one, other) => URGENCY.indexOf(one) - URGENCY.indexOf(other)));
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

function notUnderstoodWord({ not_understood: count }: DeviceDocument): string {
  return count === 0 ? '' : coloured('yellow', `${count} not understood`);
}

function receptionWord({ reception }: DeviceDocument): string {
  const best = Math.max(...Object.values(reception).map(({ rssi_dbm: dbm }) => dbm));
  return Number.isFinite(best) ? `${best} dBm` : '';
}
