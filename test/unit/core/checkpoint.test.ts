import { expect, test } from 'vitest';
import { Core } from '../../../gateway/core/core.ts';
import type { Effect } from '../../../gateway/core/effect.ts';
import type { Checkpoint, JournalRecord } from '../../../gateway/core/journal-record.ts';
import { device, path, site } from '../../simulation/site.ts';

const DEVICES = 1_000;
const MINUTE = 60_000;
const QUIET = { ...path('central'), supervision: { ...path('central').supervision, mode: 'off' } } as const;
const LARGE = site(
  // Heard seldom enough that none is missing, nor polled, while the test runs.
  Array.from({ length: DEVICES }, (_, index) => device(index, { heartbeatMs: 3_600_000 })),
  [QUIET],
);
const now = (monoMs: number) => ({ monoMs, wallMs: Date.UTC(2026, 0, 5) + monoMs });

class Large {
  readonly records: JournalRecord[] = [];
  readonly core: Core;
  #monoMs = 0;

  constructor(kept: readonly JournalRecord[] = []) {
    this.core = new Core(LARGE, kept, now(0));
    this.#keep(this.core.start(now(0)));
  }

  get checkpoints(): readonly Checkpoint[] {
    return this.records.filter((record) => record.t === 'counters');
  }

  /** Lets each device report that it is alive. */
  allHeard(counter: number): void {
    for (const id of LARGE.devices.keys()) this.heard(id, counter);
  }

  heard(id: string, counter: number): readonly Effect[] {
    const body = {
      type: 'heartbeat',
      lowBattery: false,
      tamper: false,
      silentMode: false,
      uptimeSeconds: 1,
      points: [],
    } as const;
    const signal = { input: 'bus-1', device: id, authenticated: true, capturedMs: this.#monoMs, body } as const;
    const effects = this.core.handle(
      { type: 'signal', signal: { ...signal, identity: { epoch: 1, counter } } },
      now(this.#monoMs),
    );
    this.#keep(effects);
    return effects;
  }

  run(ms: number): void {
    const untilMs = this.#monoMs + ms;
    while ((this.core.nextWakeMs() ?? untilMs) < untilMs) {
      this.#monoMs = this.core.nextWakeMs() ?? untilMs;
      this.#keep(this.core.handle({ type: 'tick' }, now(this.#monoMs)));
    }
    this.#monoMs = untilMs;
  }

  #keep(effects: readonly Effect[]): void {
    for (const effect of effects) if (effect.type === 'journal') this.records.push(effect.entry.record);
  }
}

test('the counters of a large site are written down within a minute, a slice of the devices at a time', () => {
  const large = new Large();
  large.allHeard(7);
  const before = large.checkpoints.length;
  large.run(MINUTE + 1);
  const since = large.checkpoints.slice(before).map(({ devices }) => Object.keys(devices));
  expect(Math.max(...since.map((devices) => devices.length))).toBeLessThanOrEqual(250);
  expect(new Set(since.flat()).size).toBe(DEVICES);
});

test('what has not changed is not written down again', () => {
  const large = new Large();
  large.allHeard(7);
  large.run(MINUTE + 1);
  const before = large.checkpoints.length;
  large.run(10 * MINUTE);
  expect(large.checkpoints).toHaveLength(before);
  large.heard('wb-500', 8);
  large.run(MINUTE + 1);
  expect(large.checkpoints.slice(before).map(({ devices }) => Object.keys(devices))).toEqual([['wb-500']]);
});

test('the next start takes up all slices: nothing that was heard is new', () => {
  const large = new Large();
  large.allHeard(7);
  large.run(MINUTE + 1);
  large.heard('wb-500', 8);
  large.run(MINUTE + 1);
  const next = new Large(large.records);
  const saved = next.checkpoints[0]?.devices ?? {};
  expect(Object.keys(saved)).toHaveLength(DEVICES);
  expect(saved['wb-500']?.slice(0, 2)).toEqual([1, 8]);
  expect(Object.values(saved).filter(([, highest]) => highest < 7)).toEqual([]);
});
