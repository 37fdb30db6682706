import { type Overlay, type PanelUi, SECTION_NAMES, shownItems } from './panel-ui.ts';
import type { DeviceView, PanelView } from './panel-view.ts';

/** A key as Node's readline tells it. */
export interface Key {
  readonly name?: string;
  readonly sequence?: string;
  readonly ctrl?: boolean;
}

/** What a key asks for besides another look. */
export type PanelAction =
  | { readonly type: 'press'; readonly device: DeviceView; readonly button: number; readonly isLong: boolean }
  | { readonly type: 'hold' | 'door' | 'bolt'; readonly device: DeviceView }
  | { readonly type: 'cut' | 'jam'; readonly input: string }
  | { readonly type: 'misbehave' }
  | { readonly type: 'chosen'; readonly title: string; readonly name: string }
  | { readonly type: 'help' | 'suspend' | 'quit' };

interface KeyResult {
  readonly ui: PanelUi;
  readonly action?: PanelAction;
}

const PAGE = 10;

export function takeKey(key: Key, ui: PanelUi, view: PanelView): KeyResult {
  const { name, sequence = '', ctrl = false } = key;
  if (ctrl && (name === 'c' || name === 'd')) return { ui, action: { type: 'quit' } };
  if (ctrl && name === 'z') return { ui, action: { type: 'suspend' } };
  if (ctrl) return { ui };
  if (ui.overlay !== undefined) return inOverlay(ui.overlay, key, ui);
  const moved = movement(name);
  if (moved !== undefined) return { ui: move(moved, ui, view) };
  if (name === 'tab') return { ui: { ...ui, focus: nextSection(ui) } };
  if (sequence === '?') return { ui, action: { type: 'help' } };
  if (sequence === 'q') return { ui, action: { type: 'quit' } };
  if (sequence === 'b') return { ui, action: { type: 'misbehave' } };
  const device = selectedDevice(ui, view);
  const action = device === undefined ? undefined : deviceAction(name === 'return' ? 'p' : sequence, device);
  return action === undefined ? { ui } : { ui, action };
}

function selectedDevice({ selected }: PanelUi, { floors }: PanelView): DeviceView | undefined {
  return floors.flatMap(({ devices }) => devices)[selected];
}

function deviceAction(letter: string, device: DeviceView): PanelAction | undefined {
  if (/^[1-9]$/.test(letter)) return { type: 'press', device, button: Number(letter) - 1, isLong: false };
  switch (letter) {
    case 'p':
      return { type: 'press', device, button: 0, isLong: false };
    case 'l':
      return { type: 'press', device, button: 0, isLong: true };
    case 'h':
      return { type: 'hold', device };
    case 'd':
      return { type: 'door', device };
    case 'k':
      return { type: 'bolt', device };
    case 'c':
      return { type: 'cut', input: device.input };
    case 'j':
      return { type: 'jam', input: device.input };
    default:
      return undefined;
  }
}

function movement(name: string | undefined): number | undefined {
  const steps: Readonly<Record<string, number>> = {
    up: -1,
    down: 1,
    pageup: -PAGE,
    pagedown: PAGE,
    home: Number.NEGATIVE_INFINITY,
    end: Number.POSITIVE_INFINITY,
  };
  return name !== undefined && Object.hasOwn(steps, name) ? steps[name] : undefined;
}

function move(by: number, ui: PanelUi, { floors, wires, ends, arrivals }: PanelView): PanelUi {
  if (ui.focus === 'devices') {
    const count = floors.reduce((sum, { devices }) => sum + devices.length, 0);
    return { ...ui, selected: within(ui.selected + by, count) };
  }
  const rows =
    ui.focus === 'ends' ? ends.length + arrivals.length : wires.reduce((sum, w) => sum + w.notices.length, 0);
  return { ...ui, scroll: { ...ui.scroll, [ui.focus]: within(ui.scroll[ui.focus] + by, rows) } };
}

function within(wanted: number, count: number): number {
  return Math.max(0, Math.min(wanted, count - 1));
}

function nextSection({ focus }: PanelUi): PanelUi['focus'] {
  return SECTION_NAMES[(SECTION_NAMES.indexOf(focus) + 1) % SECTION_NAMES.length] ?? 'devices';
}

function inOverlay(overlay: Overlay, { name, sequence = '' }: Key, { overlay: _, ...ui }: PanelUi): KeyResult {
  const { typed, selected, title } = overlay;
  const items = shownItems(overlay);
  const moved = movement(name);
  if (name === 'escape') return { ui };
  if (moved !== undefined)
    return { ui: { ...ui, overlay: { ...overlay, selected: within(selected + moved, items.length) } } };
  // Any other key leaves what is only read.
  if (typed === undefined) return { ui };
  const chosen = items[selected];
  if (name === 'return') {
    return chosen === undefined
      ? { ui: { ...ui, overlay } }
      : { ui, action: { type: 'chosen', title, name: chosen.name } };
  }
  if (name === 'backspace') return { ui: { ...ui, overlay: { ...overlay, typed: typed.slice(0, -1), selected: 0 } } };
  const isLetter = /^[\x20-\x7e]$/.test(sequence);
  return { ui: { ...ui, overlay: isLetter ? { ...overlay, typed: typed + sequence, selected: 0 } : overlay } };
}
