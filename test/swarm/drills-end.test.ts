import { beforeEach, expect, test } from 'vitest';
import { DrillsEnd } from '../../device-sim/swarm/checkers/drills-end.ts';
import { Ledger } from '../../device-sim/swarm/checkers/ledger.ts';
import type { Observation } from '../../device-sim/swarm/observation.ts';
import type { CoreInput } from '../../gateway/core/input.ts';
import { device, path, site } from '../simulation/site.ts';

const NODE = device(1);
const SITE = site([NODE], [path('central')]);
const PRESSED_MS = 100_000;
const DRILL_MS = 130_000;

let broken: string[];
let see: (observation: Observation, nowMs: number) => void;

beforeEach(() => {
  broken = [];
  const ledger = new Ledger();
  const checker = new DrillsEnd({ ledger, broken: (_promise, what) => broken.push(what) });
  see = (observation, nowMs) => {
    ledger.see(observation, nowMs);
    checker.see(observation, nowMs);
  };
  see({ type: 'up', site: SITE, session: 1, isBlind: false, torn: false }, 0);
  line('up', 0);
});

function input(fields: object, nowMs: number): void {
  see({ type: 'input', input: fields as CoreInput }, nowMs);
}

function line(state: 'up' | 'down', nowMs: number): void {
  input({ type: 'inputHealth', health: { input: NODE.input, state, detail: state } }, nowMs);
}

function write(record: object, nowMs: number): void {
  see({ type: 'effect', effect: { type: 'journal', number: 1, entry: { record } } } as Observation, nowMs);
}

function press(nowMs: number): void {
  see({ type: 'pressed', alert: 'a', device: NODE.id, button: 0 } as Observation, nowMs);
}

function drill(): void {
  input({ type: 'command', command: { command: 'drill', action: 'start', scope: 'site', minutes: 240 } }, DRILL_MS);
  write({ t: 'drill', scope: 'site', state: 'running' }, DRILL_MS);
}

function raise(nowMs: number): void {
  const report = { id: 'a', class: 'alarm', exercise: 'drill' };
  write({ t: 'alert', id: 'a', device: NODE.id, pattern: 'single', report }, nowMs);
}

test('a drill alert of a press that waited for a gateway that stood still is broken', () => {
  press(PRESSED_MS);
  see({ type: 'stalled', forMs: 30_000 }, PRESSED_MS);
  drill();
  raise(DRILL_MS + 1);
  expect(broken).toHaveLength(1);
});

test('a drill alert of a press that waited for its line is broken', () => {
  line('down', PRESSED_MS - 1);
  press(PRESSED_MS);
  drill();
  line('up', DRILL_MS + 1);
  raise(DRILL_MS + 2);
  expect(broken).toHaveLength(1);
});

test('what noise keeps back is new to the gateway, until the device is overdue', () => {
  press(PRESSED_MS);
  drill();
  raise(DRILL_MS + 2);
  expect(broken).toEqual([]);
  raise(PRESSED_MS + NODE.heartbeatMs * 1.25 + 7_000);
  expect(broken).toHaveLength(1);
});

test('a number that the device uses again is as old as its last use', () => {
  line('down', PRESSED_MS - 2);
  line('up', PRESSED_MS - 1);
  press(1_000);
  drill();
  press(DRILL_MS + 1);
  raise(DRILL_MS + 2);
  expect(broken).toEqual([]);
});
