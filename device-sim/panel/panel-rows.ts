import { beside, fitRow, type Row, row, type Segment, type Style, styledRow, textOf } from '../terminal/rows.ts';
import type { ScreenSize } from '../terminal/terminal-screen.ts';
import { filled } from '../terminal/text.ts';
import { overlayRows } from './overlay-rows.ts';
import { type PanelUi, type SectionName, windowStart } from './panel-ui.ts';
import type { ArrivalView, DeviceView, EndView, PanelView, WireView } from './panel-view.ts';

/** From here on wires and far ends stand beside the devices. */
const WIDE_COLUMNS = 116;
const LEFT_COLUMNS_MAX = 76;
/** A short screen has room for one alert. */
const TALL_ROWS = 30;
const NO_ENDS = 'No far ends are simulated here: --with-receivers does.';
const KEYS = 'p press  1-9 button  l long  h hold  d door  k bolt  c cut  j jam  b misbehave  ? help  q quit';
const FEW_KEYS = 'p press  h hold  d door  c cut  j jam  b misbehave  ? help  q quit';

/** A part of the screen with a heading, of which as much is shown as fits. */
interface Section {
  readonly name: SectionName;
  readonly title: string;
  readonly rows: readonly Row[];
  readonly first: (height: number) => number;
}

/** The whole screen: exactly so many rows of exactly so many columns. */
export function panelRows(view: PanelView, ui: PanelUi, { width, height }: ScreenSize): Row[] {
  const above = [headerRow(view, width), ...alertRows(view, height < TALL_ROWS ? 1 : 3)];
  const below = [messageRow(view), row(width < 100 ? FEW_KEYS : KEYS, 'dim')];
  const bodyHeight = Math.max(0, height - above.length - below.length);
  const body =
    ui.overlay === undefined
      ? bodyRows(view, ui, { width, height: bodyHeight })
      : overlayRows(ui.overlay, { width, height: bodyHeight });
  const whole = [...above, ...filledRows(body, bodyHeight), ...below].slice(0, height);
  return whole.map((each) => fitRow(each, width));
}

function headerRow({ title, gateway, clock }: PanelView, width: number): Row {
  const states = { none: '', starting: 'gateway starts', ready: 'gateway ready', ended: 'GATEWAY ENDED' } as const;
  const { troubles } = gateway;
  const count = troubles.length === 0 ? '' : `  ${troubles.length} ${troubles.length === 1 ? 'trouble' : 'troubles'}`;
  const right = `${states[gateway.state]}${count}  ${clock} `;
  return row(filled(` ${title}`, width - right.length) + right, 'inverse');
}

function alertRows({ gateway: { alerts, troubles } }: PanelView, most: number): Row[] {
  const told: Row[] = [
    ...troubles.map((text): Row => [{ text: ' TROUBLE  ', style: 'yellow' }, { text }]),
    ...alerts.map(({ state, isBad, text }): Row => [{ text: ` ${state}  `, style: isBad ? 'red' : 'green' }, { text }]),
  ];
  const hidden = told.length - most;
  return told.slice(0, most).map((each, at) => {
    return hidden > 0 && at === most - 1 ? [...each, { text: `  and ${hidden} more`, style: 'dim' }] : each;
  });
}

function messageRow({ message: { text, isBad } }: PanelView): Row {
  return row(` ${text}`, isBad ? 'red' : 'bold');
}

function bodyRows(view: PanelView, ui: PanelUi, { width, height }: ScreenSize): Row[] {
  if (width < WIDE_COLUMNS) return stacked(sectionsOf(view, ui, width, 1), ui, { width, height });
  const left = Math.min(LEFT_COLUMNS_MAX, Math.floor(width * 0.52));
  const right = width - left - 3;
  const [devices, ...others] = sectionsOf(view, ui, right, 3, left);
  const leftRows = filledRows(stacked(devices === undefined ? [] : [devices], ui, { width: left, height }), height);
  const rightRows = filledRows(stacked(others, ui, { width: right, height }), height);
  return leftRows.map((each, at) => beside(each, left, [{ text: ' │ ', style: 'dim' }, ...(rightRows[at] ?? [])]));
}

function sectionsOf(view: PanelView, ui: PanelUi, width: number, notices: number, left = width): Section[] {
  const wires = view.wires.flatMap((wire) => wireRows(wire, notices));
  const isNarrow = left === width;
  const ends = [
    ...(isNarrow ? endSummary(view.ends, width) : view.ends.map(endRow)),
    ...view.arrivals.flatMap((arrival) => arrivalRows(arrival, width)),
  ];
  return [
    devicesSection(view, ui, left),
    { name: 'wires', title: 'Wires', rows: wires, first: (height) => scrolled(ui.scroll.wires, height, wires) },
    {
      name: 'ends',
      title: 'Far ends',
      rows: ends.length === 0 ? [row(NO_ENDS, 'dim')] : ends,
      first: (height) => scrolled(ui.scroll.ends, height, ends),
    },
  ];
}

/** Shares the height: each gets a fair part, and what one does not need goes to the others. */
function stacked(sections: readonly Section[], ui: PanelUi, { width, height }: ScreenSize): Row[] {
  let left = height;
  const heights = new Map<Section, number>();
  const byNeed = [...sections].sort((a, b) => a.rows.length - b.rows.length);
  for (const [at, section] of byNeed.entries()) {
    const share = Math.floor(left / (byNeed.length - at));
    const each = Math.min(share, section.rows.length + 1);
    heights.set(section, each);
    left -= each;
  }
  return sections.flatMap((section) => sectionRows(section, ui, width, heights.get(section) ?? 0));
}

function sectionRows({ name, title, rows, first }: Section, ui: PanelUi, width: number, height: number): Row[] {
  const inside = Math.max(0, height - 1);
  const from = first(inside);
  const shown = rows.slice(from, from + inside);
  const more = shown.length < rows.length ? ` ${from + 1}-${from + shown.length} of ${rows.length}` : '';
  const mark = ui.focus === name ? '▸' : '─';
  const heading = `${mark} ${title}${more} `;
  const line = row(heading + '─'.repeat(Math.max(0, width - heading.length)), ui.focus === name ? 'bold' : 'dim');
  return [line, ...shown].slice(0, height);
}

function scrolled(wanted: number, height: number, rows: readonly Row[]): number {
  return Math.max(0, Math.min(wanted, rows.length - height));
}

function devicesSection({ floors }: PanelView, ui: PanelUi, width: number): Section {
  const all = floors.flatMap(({ devices }) => devices);
  const roomColumns = Math.min(20, Math.max(4, ...all.map(({ room }) => room.length)));
  const idColumns = Math.min(14, Math.max(6, ...all.map(({ id }) => id.length)));
  const rows: Row[] = [];
  let selectedRow = 0;
  let at = 0;
  for (const floor of floors) {
    rows.push(row(floor.name, 'bold'));
    for (const device of floor.devices) {
      const isSelected = at === ui.selected;
      if (isSelected) selectedRow = rows.length;
      const plain = deviceRow(device, roomColumns, idColumns);
      const marked: Row = [{ text: isSelected ? '▸ ' : '  ' }, ...plain];
      rows.push(isSelected ? styledRow(fitRow(marked, width), 'inverse') : marked);
      at += 1;
    }
  }
  return {
    name: 'devices',
    title: `${all.length} devices`,
    rows: rows.length === 0 ? [row('no devices yet', 'dim')] : rows,
    // The first device is shown with the name of its floor.
    first: (height) => (ui.selected === 0 ? 0 : windowStart(selectedRow, height, rows.length)),
  };
}

const LED: Readonly<Record<string, readonly [text: string, style: Style]>> = {
  off: ['○ off', 'dim'],
  amberSlow: ['● heard', 'yellow'],
  amberFast: ['● sent', 'yellow'],
  green: ['● green', 'green'],
  red: ['● RED', 'red'],
};
const LED_COLUMNS = 9;
const DOOR_COLUMNS = 16;

function deviceRow(device: DeviceView, roomColumns: number, idColumns: number): Row {
  const { id, room, led, lost, supervised, isBad, isHeld } = device;
  const [text, style] = led === undefined ? (['', 'dim'] as const) : (LED[led] ?? [led, 'dim']);
  const state: Segment =
    lost !== ''
      ? { text: `${lost.toUpperCase()}${supervised === '' ? '' : `, ${supervised}`}`, style: 'red' }
      : { text: supervised, style: isBad ? 'red' : 'dim' };
  return [
    { text: `${filled(room, roomColumns)}  ` },
    { text: `${filled(id, idColumns)}  ` },
    { text: filled(isHeld ? '▸ HELD' : text, LED_COLUMNS), style: isHeld ? 'red' : style },
    { text: filled(doorText(device), DOOR_COLUMNS), ...(device.isDoorOpen && { style: 'yellow' as const }) },
    state,
  ];
}

function doorText({ hasDoor, hasBolt, isDoorOpen, isUnlocked }: DeviceView): string {
  const door = hasDoor ? (isDoorOpen ? 'open' : 'closed') : '';
  const bolt = hasBolt ? (isUnlocked ? 'unlocked' : 'locked') : '';
  return [door, bolt].filter((part) => part !== '').join(' ');
}

function wireRows({ input, driver, lost, notices }: WireView, shown: number): Row[] {
  const name: Segment = { text: `${filled(input, 9)} `, style: 'bold' };
  const fault: Segment = { text: lost === '' ? '' : `${lost.toUpperCase()}  `, style: 'red' };
  if (notices.length === 0) return [[name, fault, { text: `${driver}, nothing yet`, style: 'dim' }]];
  return notices
    .slice(0, shown)
    .map(({ time, isToGateway, text }, at) => [
      at === 0 ? name : { text: ' '.repeat(10) },
      at === 0 ? fault : { text: '' },
      { text: `${time} `, style: 'dim' },
      { text: isToGateway ? '→ ' : '← ', style: isToGateway ? 'cyan' : 'green' },
      { text },
    ]);
}

function endRow({ path, driver, behaviour, count, latencyMs }: EndView): Row {
  const last = latencyMs === undefined ? '' : `, last alert after ${latencyMs.toFixed(1)} ms`;
  return [
    { text: `${filled(path, 9)} `, style: 'bold' },
    { text: `${filled(driver, 9)} ` },
    {
      text: behaviour,
      style: behaviour === 'normal' ? 'green' : 'red',
    },
    { text: `  ${count} shown${last}` },
  ];
}

/** All far ends side by side, for a screen with little room. */
function endSummary(ends: readonly EndView[], width: number): Row[] {
  const rows: Segment[][] = [];
  let left = 0;
  for (const { path, behaviour, count } of ends) {
    const isNormal = behaviour === 'normal';
    const text = `${path} ${isNormal ? '' : `${behaviour} `}${count}`;
    if (rows.length === 0 || text.length + 3 > left) {
      rows.push([]);
      left = width;
    }
    rows.at(-1)?.push(isNormal ? { text } : { text, style: 'red' }, { text: '   ' });
    left -= text.length + 3;
  }
  return rows;
}

/** In two rows where one is too short. */
function arrivalRows({ time, path, latencyMs, text, isBad }: ArrivalView, width: number): Row[] {
  const latency = latencyMs === undefined ? '' : `${latencyMs.toFixed(1)} ms`;
  const head: Row = [
    { text: `${time} `, style: 'dim' },
    { text: `${filled(path, 9)} ` },
    { text: `${latency.padStart(10)}  `, style: 'cyan' },
  ];
  const said: Segment = isBad ? { text, style: 'red' } : { text };
  const gap = text.indexOf('  ');
  if (gap < 0 || textOf(head).length + text.length <= width) return [[...head, said]];
  return [
    [...head, { ...said, text: text.slice(0, gap) }],
    [{ text: ' '.repeat(9) }, { ...said, text: text.slice(gap + 2) }],
  ];
}

/** At least so many rows. */
function filledRows(rows: readonly Row[], height: number): Row[] {
  return [...rows.slice(0, height), ...Array.from({ length: Math.max(0, height - rows.length) }, () => row(''))];
}
