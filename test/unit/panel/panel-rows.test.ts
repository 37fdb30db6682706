import { stripVTControlCharacters } from 'node:util';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Key, takeKey } from '../../../device-sim/panel/panel-keys.ts';
import { panelRows } from '../../../device-sim/panel/panel-rows.ts';
import { type PanelUi, START_UI } from '../../../device-sim/panel/panel-ui.ts';
import type { DeviceView, PanelView } from '../../../device-sim/panel/panel-view.ts';
import { encodeRow, textOf } from '../../../device-sim/terminal/rows.ts';
import { widthOf } from '../../../device-sim/terminal/text.ts';

function device(at: number, more: Partial<DeviceView> = {}): DeviceView {
  const room = `${101 + at} Room`;
  const contacts = { hasDoor: true, hasBolt: false, isDoorOpen: false, isUnlocked: false };
  const state = { led: 'off', isHeld: false, lost: '', supervised: 'ok', isBad: false } as const;
  return { id: `wb-${101 + at}`, room, input: 'bus-1', buttons: ['button-1'], ...contacts, ...state, ...more };
}

function school(devices: number, more: Partial<PanelView> = {}): PanelView {
  const all = Array.from({ length: devices }, (_, at) => device(at));
  return {
    title: 'Northfield School',
    gateway: { state: 'ready', troubles: [], alerts: [] },
    floors: [
      { name: 'First floor', devices: all.slice(0, 20) },
      ...(devices > 20 ? [{ name: 'Second floor', devices: all.slice(20) }] : []),
    ],
    wires: [{ input: 'bus-1', driver: 'button-bus', lost: '', notices: [] }],
    ends: [{ path: 'central', driver: 'dc09-tcp', behaviour: 'normal', count: 0 }],
    arrivals: [],
    message: { text: '', isBad: false },
    clock: '12:00:00',
    ...more,
  };
}

const lines = (view: PanelView, ui: PanelUi, width: number, height: number) =>
  panelRows(view, ui, { width, height }).map(textOf);

/** What the panel shows after these keys. */
function keyed(keys: readonly (string | Key)[], view: PanelView, from: PanelUi = START_UI): PanelUi {
  return keys.reduce<PanelUi>((ui, key) => {
    const pressed = typeof key === 'string' ? { name: key, sequence: key } : key;
    return takeKey(pressed, ui, view).ui;
  }, from);
}

describe('the picture', () => {
  test('fills the screen exactly, of any size, whatever names and messages there are', () => {
    const name = fc.string({ unit: 'grapheme', maxLength: 60 });
    const view = fc.record({ title: name, text: name, room: name, path: name, arrival: name });
    const size = fc.record({ width: fc.integer({ min: 1, max: 200 }), height: fc.integer({ min: 1, max: 70 }) });
    fc.assert(
      fc.property(view, size, fc.nat(60), ({ title, text, room, path, arrival }, { width, height }, selected) => {
        const shown = school(40, {
          title,
          floors: [{ name: text, devices: [device(0, { room, led: path }), device(1, { supervised: text })] }],
          ends: [{ path, driver: 'cap', behaviour: text, count: 3, latencyMs: 1.5 }],
          arrivals: [{ time: '12:00:00', path, text: arrival, isBad: false, latencyMs: 2 }],
          message: { text, isBad: true },
        });
        const rows = lines(shown, { ...START_UI, selected }, width, height);
        expect(rows).toHaveLength(height);
        for (const line of rows) {
          expect(widthOf(line)).toBe(width);
          expect(line).not.toMatch(/\p{Cc}/u);
        }
      }),
    );
  });

  test.each([
    [80, 24],
    [140, 40],
  ])('at %i columns and %i rows the selected device is always seen', (width, height) => {
    const view = school(52);
    for (let at = 0; at < 52; at++) {
      const ui = keyed(
        Array.from({ length: at }, () => 'down'),
        view,
      );
      expect(lines(view, ui, width, height).find((line) => line.includes('▸ 1'))).toContain(`wb-${101 + at} `);
    }
  });

  test('no state is told by colour alone, and a terminal without UTF-8 shows signs that it has', () => {
    const devices = ['off', 'amberSlow', 'amberFast', 'green', 'red'].map((led, at) => device(at, { led }));
    const view = school(0, {
      floors: [{ name: 'Floor', devices: [...devices, device(9, { lost: 'cut' }), device(10, { isHeld: true })] }],
    });
    const rows = panelRows(view, START_UI, { width: 100, height: 40 });
    const plain = rows.map((row) => encodeRow(row, { hasColour: false, isUtf8: false })).join('\n');
    for (const word of ['off', 'heard', 'sent', 'green', 'RED', 'CUT', 'HELD']) expect(plain).toContain(word);
    // Bold, dim and inverse are left: no SGR 30 to 37.
    expect(plain).not.toContain('[3');
    expect(stripVTControlCharacters(plain)).toMatch(/^[\x20-\x7e\n]*$/);
  });

  test('an alert and a trouble are above everything, and what does not fit is counted', () => {
    const alerts = ['first', 'second', 'third'].map((text) => ({ state: 'ACKNOWLEDGED', isBad: false, text }));
    const view = school(5, { gateway: { state: 'ready', troubles: ['Input bus-1 down'], alerts } });
    expect(lines(view, START_UI, 80, 24)[1]).toContain('TROUBLE  Input bus-1 down  and 3 more');
    expect(lines(view, START_UI, 80, 50)[3]).toContain('second  and 1 more');
  });
});

describe('keys', () => {
  const view = school(30);
  const action = (key: string, ui: PanelUi = START_UI) => takeKey({ name: key, sequence: key }, ui, view).action;

  test.each([
    ['p', { type: 'press', button: 0, isLong: false }],
    ['return', { type: 'press', button: 0, isLong: false }],
    ['2', { type: 'press', button: 1, isLong: false }],
    ['l', { type: 'press', button: 0, isLong: true }],
    ['h', { type: 'hold' }],
    ['d', { type: 'door' }],
    ['k', { type: 'bolt' }],
    ['c', { type: 'cut', input: 'bus-1' }],
    ['j', { type: 'jam', input: 'bus-1' }],
    ['b', { type: 'misbehave' }],
    ['?', { type: 'help' }],
    ['q', { type: 'quit' }],
  ])('%s', (key, wanted) => {
    expect(action(key)).toMatchObject(wanted);
  });

  test('Ctrl-C ends it, also while something is chosen', () => {
    const overlay = { title: 'Who', items: [], typed: '', selected: 0 };
    const key = { name: 'c', sequence: '\u0003', ctrl: true };
    expect(takeKey(key, { ...START_UI, overlay }, view).action).toEqual({ type: 'quit' });
  });

  test('the selection stops at the ends', () => {
    expect(keyed(['end'], view).selected).toBe(29);
    expect(keyed(['end', 'down', 'pagedown'], view).selected).toBe(29);
    expect(keyed(['down', 'home', 'up'], view).selected).toBe(0);
  });

  test('what is typed narrows a choice, Enter takes it, Esc leaves it; letters press nothing meanwhile', () => {
    const items = ['normal', 'hang', 'refuse'].map((name) => ({ name, about: '' }));
    const choosing = { ...START_UI, overlay: { title: 'How', items, typed: '', selected: 0 } };
    const typed = keyed(['h', 'a', 'n'], view, choosing);
    expect(typed.overlay?.typed).toBe('han');
    const taken = takeKey({ name: 'return' }, typed, view);
    expect(taken.action).toEqual({ type: 'chosen', title: 'How', name: 'hang' });
    expect(taken.ui.overlay).toBeUndefined();
    expect(keyed(['escape'], view, typed).overlay).toBeUndefined();
    const none = keyed(['x', 'return'], view, choosing);
    expect(none.overlay?.typed).toBe('x');
  });

  test('a whole name is chosen before longer names and before what is said of others', () => {
    const items = ['late', 'nakSiaDcs', 'nak'].map((name) => ({ name, about: 'then NAK' }));
    const choosing = { ...START_UI, overlay: { title: 'How', items, typed: '', selected: 0 } };
    const { action } = takeKey({ name: 'return' }, keyed(['n', 'a', 'k'], view, choosing), view);
    expect(action).toMatchObject({ name: 'nak' });
  });

  test('a site without devices takes every key', () => {
    const empty = school(0, { floors: [] });
    for (const key of 'pl1hdkcj') expect(takeKey({ sequence: key }, START_UI, empty).action).toBeUndefined();
    expect(keyed(['down', 'end', 'tab', 'down', 'tab', 'end'], empty).selected).toBe(0);
  });
});
