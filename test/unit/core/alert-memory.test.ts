import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, test } from 'vitest';
import { ALERT_BOUNDS } from '../../../gateway/core/alerts/surplus-alerts.ts';
import { Context } from '../../../gateway/core/context.ts';
import { Core } from '../../../gateway/core/core.ts';
import { CoreParts } from '../../../gateway/core/core-parts.ts';
import type { Effect } from '../../../gateway/core/effect.ts';
import type { CoreInput } from '../../../gateway/core/input.ts';
import type { Attempt } from '../../../gateway/core/report.ts';
import { recoveredState } from '../../../gateway/core/restart/journal-replay.ts';
import { recoverCounters, recoverOpen } from '../../../gateway/core/restart/recovery.ts';
import type { Site } from '../../../gateway/core/site.ts';
import { KeptState } from '../../../gateway/journal/kept-state.ts';
import { device, path, site } from '../../simulation/site.ts';

const DEVICES = 50;
const WALL_MS = 1_790_000_000_000;

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

/**
 * A core with the state of the journal's thread. Every press is acknowledged on one of two paths.
 */
class Storm {
  readonly kept = new KeptState();
  readonly core: Core;
  readonly site: Site;
  readonly #doesKeep: boolean;
  #monoMs = 1;
  #record = 0;
  #presses = 0;
  #sends: Attempt[] = [];
  #published: number[] = [];

  constructor(doesKeep: boolean) {
    this.#doesKeep = doesKeep;
    const supervision = { ...path('p').supervision, mode: 'off' } as const;
    const paths = ['central', 'radio'].map((id) => path(id, { supervision, parallel: 8 }));
    const devices = Array.from({ length: DEVICES }, (_, index) => device(index));
    const steps = paths.map(({ id }) => ({ path: id, afterMs: 0 }));
    this.site = { ...site(devices, paths), plan: { steps, done: 'receiverAcknowledged' } };
    this.core = new Core(this.site, [], { monoMs: 0, wallMs: WALL_MS });
    this.#carryOut(this.core.start({ monoMs: 0, wallMs: WALL_MS }));
  }

  give(input: CoreInput): readonly Effect[] {
    const effects = this.core.handle(input, { monoMs: this.#monoMs, wallMs: WALL_MS + this.#monoMs });
    this.#carryOut(effects);
    return effects;
  }

  press(): void {
    const number = this.#presses++;
    this.#monoMs += 5.1;
    const identity = { epoch: 1_795_311_296, counter: Math.floor(number / DEVICES) + 1 };
    const from = { input: 'bus-1', device: `wb-${number % DEVICES}`, authenticated: true, capturedMs: this.#monoMs };
    const body = { type: 'press', button: 0, pattern: 'single' } as const;
    this.give({ type: 'signal', signal: { ...from, identity, body } });
    const sends = this.#sends.splice(0);
    for (const { path: to, attempt } of sends) this.give({ type: 'sent', path: to, attempt, atMs: this.#monoMs });
    this.#monoMs += 1.3;
    this.durable();
    for (const each of this.#published.splice(0)) this.give({ type: 'published', number: each, atMs: this.#monoMs });
    for (const { path: to, attempt } of sends) {
      this.give({ type: 'outcome', path: to, attempt, outcome: { type: 'receiverAcknowledged' } });
    }
  }

  durable(): readonly Effect[] {
    return this.give({ type: 'durable', number: this.#record });
  }

  #carryOut(effects: readonly Effect[]): void {
    for (const effect of effects) {
      if (effect.type === 'send') this.#sends.push(effect.attempt);
      else if (effect.type === 'publish' && effect.number !== undefined) this.#published.push(effect.number);
      else if (effect.type === 'journal') {
        this.#record = effect.number;
        const json = JSON.stringify(effect.entry);
        if (this.#doesKeep) this.kept.add(JSON.parse(json), 1, json.length);
      }
    }
  }
}

function heapBytes(): number {
  collect();
  return process.memoryUsage().heapUsed;
}

/** Returns the memory of each acknowledged alert that is not resolved. */
function bytesEach(storm: Storm, presses: number): number {
  for (let press = 0; press < 2 * ALERT_BOUNDS.fullMax; press += 1) storm.press();
  const before = heapBytes();
  for (let press = 0; press < presses; press += 1) storm.press();
  return (heapBytes() - before) / presses;
}

// Before settled alerts were packed it was 0.9 kB in the core, and 1.5 kB in the journal's thread.
test.each([
  ['the core', false, 450],
  ['the core and what the journal keeps', true, 750],
])('a thousand alerts that nobody resolves for a day cost little memory: %s', (_, doesKeep, bytesMax) => {
  const storm = new Storm(doesKeep);
  expect(bytesEach(storm, 3_000)).toBeLessThan(bytesMax);
  // None was dropped for that: each can still be cancelled.
  const command = { command: 'cancel', alert: 'wb-0.1795311296.1', reason: 'leant on it', by: 'kim' } as const;
  const effects = storm.give({ type: 'command', command, ticket: 1 });
  expect(storm.durable()).toContainEqual(expect.objectContaining({ type: 'commandAnswer', ok: true }));
  const cancels = effects.flatMap((effect) => (effect.type === 'send' ? [effect.attempt] : []));
  const text = 'Cancelled: Hold-up, Main building, Floor 1, Rm 0';
  expect(cancels.map(({ path: to, report }) => [to, report?.class, report?.follows, report?.text])).toEqual([
    ['central', 'cancel', 'wb-0.1795311296.1', text],
    ['radio', 'cancel', 'wb-0.1795311296.1', text],
  ]);
});

test('alerts of an earlier run cost no more, though nobody presses for days', () => {
  const storm = new Storm(true);
  for (let press = 0; press < 700; press += 1) storm.press();
  const records = storm.kept.entries().map(({ record }) => record);
  const recovered = recoveredState(records);
  const context = new Context(storm.site, 2, { monoMs: 0, wallMs: WALL_MS });
  const parts = new CoreParts(context);
  recoverCounters(recovered, parts);
  recoverOpen(recovered, parts);
  expect(parts.alerts.size).toBe(700);
  for (let beat = 1; beat <= 200; beat += 1) parts.alerts.settled.compact(4);
  expect([...parts.alerts.open()]).toHaveLength(ALERT_BOUNDS.fullMax);
});
