import { describe, expect, test } from 'vitest';
import type { ReleaseName } from '../../../gateway/update/release-layout.ts';
import { type Decision, ReleaseStore } from '../../../gateway/update/release-store.ts';
import { runTrial } from '../../../gateway/update/run-trial.ts';
import type { Census, Trial } from '../../../gateway/update/trial-file.ts';
import type { StatusDocument } from '../../../protocol/status-document.ts';
import { SimulatedDisk } from './simulated-disk.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const BUTTON = { what: 'device', id: 'wb-1', withinMs: 2 * MINUTE, input: 'bus' } as const;
const BUS = { what: 'input', id: 'bus', withinMs: 2 * MINUTE } as const;

interface Released {
  /** When the device is heard, ms from its start; absent: never. */
  readonly hearsAfterMs?: number;
  readonly hangs?: boolean;
  /** An alert stays open so long, ms from its start. */
  readonly alertMs?: number;
  /** It answers a press of the canary from here on, ms from its start. */
  readonly canaryAfterMs?: number;
}

/** A machine in simulated time: two releases, and the gateway of the one that is current. */
class SimulatedMachine {
  readonly store: ReleaseStore;
  readonly releases: Readonly<Partial<Record<ReleaseName, Released>>>;
  nowMs = 0;
  /** Of the wall clock: whatever somebody sets it to. */
  wallMs = Date.parse('2026-11-29T00:00:00Z');
  running: ReleaseName = 'packaged';
  startedMs = 0;
  startedWallMs = this.wallMs;
  canaryAt: string | null = null;
  canaryPresses = 0;

  constructor(releases: SimulatedMachine['releases']) {
    this.releases = releases;
    const whole = { dist: { gateway: { cli: { 'main.js': 'x' } } } };
    this.store = new ReleaseStore('/store', new SimulatedDisk({ store: { a: whole } }));
  }

  async run(census: Partial<Census>, minutes = 1, onSleep: () => void = () => undefined): Promise<Decision> {
    const trial: Trial = {
      ...{ id: '0123456789abcdef', from: 'packaged', to: 'a' },
      details: {
        ...{ version: '2', fromVersion: '1', startedAt: '', by: 'root', config: '', data: '', minutes, settleMs: 0 },
        census: { items: [BUS, BUTTON], troubles: [], ...census },
      },
    };
    await this.store.begin(trial);
    return await runTrial(trial, {
      store: this.store,
      gateway: {
        status: async () => this.#status(),
        isAlive: async () => true,
        stopForUpdate: async () => this.#stop(),
        pressCanary: async () => this.#pressCanary(),
        kill: async () => this.#start(),
        runs: (_, name) => this.running === name,
      },
      nowMs: () => this.nowMs,
      nowIso: () => new Date(this.wallMs).toISOString(),
      sleep: async (ms) => {
        this.nowMs += ms;
        this.wallMs += ms;
        if (this.nowMs > 48 * HOUR) throw new Error('the trial does not end');
        onSleep();
      },
      show: () => undefined,
    });
  }

  get #ageMs(): number {
    return this.nowMs - this.startedMs;
  }

  get #own(): Released {
    return this.releases[this.running] ?? {};
  }

  #status(): StatusDocument | undefined {
    const { hangs, hearsAfterMs = Number.POSITIVE_INFINITY, alertMs = 0 } = this.#own;
    if (hangs) return undefined;
    return {
      started_at: new Date(this.startedWallMs).toISOString(),
      devices: [{ device: 'wb-1', input: 'bus', supervised: this.#ageMs >= hearsAfterMs ? 'ok' : 'unknown' }],
      inputs: [{ input: 'bus', state: 'up' }],
      paths: [{ path: 'central', state: 'up', last_canary_at: this.canaryAt }],
      troubles: [],
      alerts: this.#ageMs < alertMs ? [{ mode: 'live' }] : [],
    } as unknown as StatusDocument;
  }

  async #stop() {
    if (this.#ageMs < (this.#own.alertMs ?? 0)) return { ok: false, text: 'alert 1 is open' };
    await this.#start();
    return { ok: true, text: '' };
  }

  async #start(): Promise<void> {
    this.running = await this.store.current();
    this.startedMs = this.nowMs;
    this.startedWallMs = this.wallMs;
  }

  #pressCanary() {
    this.canaryPresses += 1;
    if (this.#ageMs < (this.#own.canaryAfterMs ?? 0)) return { ok: false, text: 'it does not answer' };
    this.canaryAt = `press ${this.canaryPresses}`;
    return { ok: true, text: '' };
  }
}

const WELL = { hearsAfterMs: 15_000 };

async function outcome(machine: SimulatedMachine) {
  return { current: await machine.store.current(), isOver: !(await machine.store.hasTrialFile()) };
}

describe('a release on trial', () => {
  test('that hears its devices again is confirmed', async () => {
    const machine = new SimulatedMachine({ packaged: WELL, a: WELL });
    expect(await machine.run({})).toMatchObject({ result: 'confirmed', notes: [] });
    expect(await outcome(machine)).toEqual({ current: 'a', isOver: true });
  });

  test('that hears nothing is returned, however short its trial is', async () => {
    const machine = new SimulatedMachine({ packaged: WELL, a: {} });
    const decision = await machine.run({});
    expect(decision).toMatchObject({ result: 'returned', reasons: ['device wb-1 has not been heard yet'], notes: [] });
    expect(await outcome(machine)).toEqual({ current: 'packaged', isOver: true });
  });

  test('is not to blame for what the release before does not hear either', async () => {
    const machine = new SimulatedMachine({ packaged: {}, a: {} });
    const { notes } = await machine.run({});
    expect(notes.join()).toContain('the update is not the cause');
  });

  test('that hangs is killed', async () => {
    const machine = new SimulatedMachine({ packaged: WELL, a: { hangs: true } });
    expect(await machine.run({})).toMatchObject({ result: 'returned', reasons: ['it did not answer for 30 s'] });
    expect(machine.running).toBe('packaged');
  });

  test('is not begun while an alert is open', async () => {
    const machine = new SimulatedMachine({ packaged: { ...WELL, alertMs: HOUR }, a: WELL });
    expect(await machine.run({})).toMatchObject({ result: 'refused', reasons: ['alert 1 is open'] });
    expect(await outcome(machine)).toEqual({ current: 'packaged', isOver: true });
    expect(machine.running).toBe('packaged');
  });

  test('that is bad is not stopped before the alert that is open with it is over', async () => {
    const machine = new SimulatedMachine({ packaged: WELL, a: { alertMs: HOUR } });
    expect(await machine.run({})).toMatchObject({ result: 'returned' });
    expect(machine.nowMs).toBeGreaterThanOrEqual(HOUR);
  });

  test.each([-366, 366])('is judged in the same time if the wall clock is set %i days on', async (days) => {
    const decisions = [0, days].map(async (by) => {
      const machine = new SimulatedMachine({ packaged: WELL, a: {} });
      let isSet = false;
      const { result } = await machine.run({}, 1, () => {
        if (machine.running === 'a' && !isSet) machine.wallMs += by * 24 * HOUR;
        isSet ||= machine.running === 'a';
      });
      return { result, tookMs: machine.nowMs };
    });
    const [usual, jumped] = await Promise.all(decisions);
    expect(jumped).toEqual(usual);
  });

  test('has its canary pressed again if the gateway did not answer', async () => {
    const canary = { paths: ['central'], withinMs: 30_000 };
    const machine = new SimulatedMachine({ packaged: WELL, a: { ...WELL, canaryAfterMs: 10_000 } });
    expect(await machine.run({ canary })).toMatchObject({ result: 'confirmed' });
    const deaf = new SimulatedMachine({ packaged: WELL, a: { ...WELL, canaryAfterMs: HOUR } });
    const { result, reasons } = await deaf.run({ canary });
    expect([result, ...reasons]).toEqual(['returned', 'the canary could not be pressed: it does not answer']);
  });
});
