import { beforeEach, expect, test } from 'vitest';
import { Ledger } from '../../device-sim/swarm/checkers/ledger.ts';
import { TriedInTime } from '../../device-sim/swarm/checkers/tried-in-time.ts';
import type { Observation } from '../../device-sim/swarm/observation.ts';
import type { Effect } from '../../gateway/core/effect.ts';
import { device, path, site } from '../simulation/site.ts';

const SITE = site([device(1)], [path('central', { parallel: 1 })]);
/** Of three alarms on one slot, the last may have to wait for two time-outs of 4 s. */
const IN_TIME_MS = 9_500;
/** Beyond the bound of a retry, too: its time-out of 20 s for each alarm that shares the slot. */
const TOO_LATE_MS = 120_000;

let late: string[];
let see: (observation: Observation, nowMs: number) => void;

beforeEach(() => {
  late = [];
  const ledger = new Ledger();
  const checker = new TriedInTime({ ledger, broken: (_promise, what) => late.push(what.split(' ', 1)[0] ?? '') });
  see = (observation, nowMs) => {
    ledger.see(observation, nowMs);
    checker.see(observation, nowMs);
  };
  see({ type: 'up', site: SITE, session: 1, isBlind: false, torn: false }, 0);
});

function effect(fields: object): Observation {
  return { type: 'effect', effect: fields as Effect };
}

function raise(id: string, nowMs: number): void {
  const record = { t: 'alert', id, kind: 'medical', report: { id, class: 'alarm' } };
  see(effect({ type: 'journal', entry: { record } }), nowMs);
}

function send(attempt: number, id: string, nowMs: number): void {
  see(effect({ type: 'send', attempt: { attempt, path: 'central', report: { id, class: 'alarm' } } }), nowMs);
}

function write(record: object, nowMs: number): void {
  see(effect({ type: 'journal', entry: { record } }), nowMs);
}

function look(nowMs: number): void {
  see({ type: 'clear' }, nowMs);
}

test('an alarm that is not tried is late', () => {
  raise('a', 0);
  look(TOO_LATE_MS);
  expect(late).toEqual(['a']);
});

test('alarms from before a reload go ahead of a new one, and are still owed a try', () => {
  raise('a', 0);
  send(1, 'a', 0);
  raise('b', 0);
  see({ type: 'reloaded', site: SITE }, 10);
  see({ type: 'input', input: { type: 'reload', site: SITE, reopened: { inputs: new Set(), paths: new Set() } } }, 10);
  raise('c', 20);
  send(2, 'b', 4_000);
  look(IN_TIME_MS);
  expect(late).toEqual([]);
  look(TOO_LATE_MS);
  expect(late.sort()).toEqual(['a', 'b', 'c']);
});

test('alarms from before a restart go ahead of a new one, and may have been lost', () => {
  raise('a', 0);
  raise('b', 0);
  see({ type: 'down', how: 'powerCut' }, 5);
  see({ type: 'up', site: SITE, session: 2, isBlind: false, torn: false }, 10);
  raise('c', 20);
  look(IN_TIME_MS);
  expect(late).toEqual([]);
  look(TOO_LATE_MS);
  expect(late).toEqual(['c']);
});

test('an alarm whose alert is closed goes ahead of a new one', () => {
  raise('a', 0);
  raise('b', 0);
  write({ t: 'closed', alert: 'a' }, 5);
  write({ t: 'closed', alert: 'b' }, 5);
  raise('c', 20);
  look(IN_TIME_MS);
  expect(late).toEqual([]);
  look(TOO_LATE_MS);
  expect(late).toEqual(['c']);
});

test('an alarm that a hand-over completes is not owed another try', () => {
  raise('a', 0);
  send(1, 'a', 0);
  write({ t: 'outcome', report: 'a', path: 'other', outcome: 'handedOver', completes: true }, 10);
  look(TOO_LATE_MS * 10);
  expect(late).toEqual([]);
});

test('a process that stands still puts the deadline off by as long, and no longer', () => {
  raise('a', 0);
  see({ type: 'stalled', forMs: 20_000 }, 10);
  look(21_000);
  expect(late).toEqual([]);
  look(23_000);
  expect(late).toEqual(['a']);
});
