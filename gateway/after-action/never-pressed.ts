import type { AfterActionDocument, PlacedButton } from '../../protocol/after-action-document.ts';
import type { Block, Table } from '../print/printout.ts';
import { byFloor } from './floors.ts';
import { counted } from './printed-values.ts';

interface UnpressedDevice extends Omit<PlacedButton, 'button'> {
  readonly buttons: readonly string[];
}

/** First of all in the report of a drill: what the drill did not prove. */
export function neverPressedBlocks({ about, never_pressed: never, alerts }: AfterActionDocument): Block[] {
  if (about.kind !== 'drill') return [];
  const heading: Block = { kind: 'heading', text: 'Never pressed in this drill' };
  if (never === null) {
    const text = 'Not known: no configuration was read, so the buttons of the scope are not known.';
    return [heading, { kind: 'paragraph', text, tone: 'unknown' }];
  }
  if (never.length === 0) {
    return [heading, { kind: 'paragraph', text: 'None: every button of the scope was pressed.', tone: 'good' }];
  }
  const pressed = new Set(alerts.drill.map(({ device }) => device));
  const all = byDevice(never);
  const devices = all.filter(({ device }) => !pressed.has(device));
  const others = all.filter(({ device }) => pressed.has(device));
  return [heading, ...wholeDevices(devices), ...otherButtons(others)];
}

function wholeDevices(devices: readonly UnpressedDevice[]): Block[] {
  if (devices.length === 0) {
    return [{ kind: 'paragraph', text: 'Every device of the scope was pressed at one of its buttons.', tone: 'good' }];
  }
  const text = `${counted(devices.length, 'device')} of the scope had no press at all.`;
  return [{ kind: 'paragraph', text, tone: 'bad' }, unpressed('Devices without a press in this drill', devices)];
}

function otherButtons(devices: readonly UnpressedDevice[]): Block[] {
  return devices.length === 0 ? [] : [unpressed('Other buttons of devices that were pressed', devices)];
}

function unpressed(caption: string, devices: readonly UnpressedDevice[]): Table {
  return {
    kind: 'table',
    caption,
    columns: [
      { title: 'Room', weight: 50 },
      { title: 'Device', weight: 20 },
      { title: 'Buttons not pressed', weight: 30 },
    ],
    rows: byFloor(devices, ({ device, buttons }, room) => [room, device, buttons.join(', ')]),
  };
}

function byDevice(never: readonly PlacedButton[]): UnpressedDevice[] {
  const devices = new Map<string, UnpressedDevice>();
  for (const { device, button, place } of never) {
    devices.set(device, { device, place, buttons: [...(devices.get(device)?.buttons ?? []), button] });
  }
  return [...devices.values()];
}
