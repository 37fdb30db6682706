import { describe, expect, test } from 'vitest';
import { Core } from '../../gateway/core/core.ts';
import type { Effect } from '../../gateway/core/effect.ts';
import type { CoreInput } from '../../gateway/core/input.ts';
import { device, path, site } from './site.ts';

const SECOND = 1000;
const START_MS = 5000;
const DEVICES = ['wb-101', 'wb-102', 'wb-103'];

interface Beats {
  readonly heartbeatMs: number;
  readonly missed: number;
}

/**
 * A core, its clock, and nodes with heartbeats. While the core is stopped, their frames wait to be
 * read.
 */
class Stoppable {
  readonly troubles: string[] = [];
  readonly notices: string[] = [];
  readonly #core: Core;
  readonly #heartbeatMs: number;
  readonly #alive = new Set(DEVICES);
  #nowMs = START_MS;
  #counter = 0;

  constructor({ heartbeatMs, missed }: Beats) {
    this.#heartbeatMs = heartbeatMs;
    const devices = [101, 102, 103].map((number) => device(number, { heartbeatMs, missedHeartbeats: missed }));
    // Nothing else is due for long: the devices' windows are the earliest.
    const supervision = { ...path('central').supervision, mode: 'off' } as const;
    const door = { id: 'wb-101', name: 'Rm 101', building: 'A', zone: 1, area: 0, heldOpenMs: 60 * SECOND };
    const doors = [{ ...door, contact: { device: 'wb-101', point: 0 } }];
    this.#core = new Core({ ...site(devices, [path('central', { supervision })]), doors }, [], this.#now);
    this.#carryOut(this.#core.start(this.#now));
    this.#give({ type: 'inputHealth', health: { input: 'bus-1', state: 'up', detail: 'open' } });
    this.#heartbeats();
  }

  /** These send nothing any more. */
  lose(...devices: readonly string[]): void {
    for (const each of devices) this.#alive.delete(each);
  }

  run(ms: number): void {
    const untilMs = this.#nowMs + ms;
    let heartbeatMs = this.#nowMs + this.#heartbeatMs;
    for (;;) {
      const wakeMs = this.#core.nextWakeMs() ?? Number.POSITIVE_INFINITY;
      this.#nowMs = Math.min(wakeMs, heartbeatMs, untilMs);
      if (this.#nowMs === heartbeatMs) {
        this.#heartbeats();
        heartbeatMs += this.#heartbeatMs;
      } else if (this.#nowMs === wakeMs) this.#give({ type: 'tick' });
      else return;
    }
  }

  /**
   * Stops the core, as SIGSTOP does. After that its timer runs first, and it reads within 20 ms.
   */
  stall(ms: number): void {
    this.#nowMs += ms;
    this.#give({ type: 'tick' });
    for (let wait = 0; wait < 4; wait++) {
      this.#nowMs += 5;
      if ((this.#core.nextWakeMs() ?? Number.POSITIVE_INFINITY) <= this.#nowMs) this.#give({ type: 'tick' });
    }
    this.#heartbeats();
  }

  door(open: boolean): void {
    this.#signal('wb-101', { type: 'point', point: 0, active: open });
  }

  #heartbeats(): void {
    for (const each of this.#alive) this.#signal(each, HEARTBEAT);
  }

  #signal(id: string, body: Extract<CoreInput, { type: 'signal' }>['signal']['body']): void {
    this.#counter += 1;
    const identity = { epoch: 1, counter: this.#counter };
    const capturedMs = this.#nowMs;
    this.#give({
      type: 'signal',
      signal: { input: 'bus-1', device: id, authenticated: true, capturedMs, identity, body },
    });
  }

  get #now() {
    return { monoMs: this.#nowMs, wallMs: Date.UTC(2026, 0, 5) + this.#nowMs };
  }

  #give(input: CoreInput): void {
    this.#carryOut(this.#core.handle(input, this.#now));
  }

  #carryOut(effects: readonly Effect[]): void {
    for (const effect of effects) {
      if (effect.type === 'log' && effect.event === 'trouble.notice') {
        const { text } = effect.fields;
        this.notices.push(String(text));
      }
      if (effect.type === 'send') {
        const { path, attempt } = effect.attempt;
        this.#give({ type: 'outcome', path, attempt, outcome: { type: 'receiverAcknowledged' } });
      }
      if (effect.type !== 'publish' || effect.publication.kind !== 'trouble') continue;
      const { text, state } = effect.publication.document;
      this.troubles.push(state === 'restored' ? `over: ${text}` : text);
    }
  }
}

const HEARTBEAT = {
  type: 'heartbeat',
  lowBattery: false,
  tamper: false,
  silentMode: false,
  uptimeSeconds: 1,
  points: [],
} as const;

const EVERY: readonly Beats[] = [
  { heartbeatMs: SECOND, missed: 3 },
  { heartbeatMs: 5 * SECOND, missed: 2 },
  { heartbeatMs: 30 * SECOND, missed: 3 },
];

describe.each(EVERY)('with heartbeats of $heartbeatMs ms, of which $missed may be missed', (beats) => {
  const windowMs = beats.heartbeatMs * beats.missed;

  test('a stall just under or over the window, wherever it begins, makes no device missing', () => {
    const about = [-100, -1, 0, 1, 10, 200, 900].map((ms) => windowMs + ms);
    const begins = [1, 0.3 * beats.heartbeatMs, beats.heartbeatMs - 1];
    for (const stallMs of about) {
      for (const beginMs of begins) {
        const gateway = new Stoppable(beats);
        gateway.run(3 * beats.heartbeatMs + beginMs);
        gateway.stall(stallMs);
        gateway.run(3 * windowMs);
        expect(gateway.troubles.filter((text) => text.includes('missing'))).toEqual([]);
      }
    }
  });

  test('a device that is gone is missed all the same, at most a heartbeat later', () => {
    const gateway = new Stoppable(beats);
    gateway.run(10 * SECOND);
    gateway.lose('wb-102');
    gateway.stall(windowMs + 1);
    gateway.run(beats.heartbeatMs + SECOND);
    expect(gateway.troubles.filter((text) => text.includes('missing'))).toEqual([expect.stringContaining('wb-102')]);
  });
});

test('a gateway that stalls again and again still misses a device that is gone', () => {
  const gateway = new Stoppable({ heartbeatMs: 30 * SECOND, missed: 3 });
  gateway.run(40 * SECOND);
  gateway.lose('wb-103');
  for (let stall = 0; stall < 15; stall++) {
    gateway.run(10 * SECOND);
    gateway.stall(12 * SECOND);
  }
  expect(gateway.troubles.filter((text) => text.includes('missing'))).toEqual([expect.stringContaining('wb-103')]);
});

test.each([
  { runMs: 400, stallMs: 600 },
  { runMs: 1, stallMs: 600 },
  { runMs: 100, stallMs: 5000 },
])(
  'a machine that stands still for $stallMs ms of every $runMs ms it runs still misses a device that is gone',
  ({ runMs, stallMs }) => {
    const gateway = new Stoppable({ heartbeatMs: SECOND, missed: 3 });
    gateway.run(10 * SECOND);
    gateway.lose('wb-103');
    for (let stall = 0; stall < 120; stall++) {
      gateway.run(runMs);
      gateway.stall(stallMs);
    }
    expect(gateway.troubles.filter((text) => text.includes('missing'))).toEqual([expect.stringContaining('wb-103')]);
  },
);

test('a wake from a long stop tells one thing: that the gateway stood still', () => {
  const gateway = new Stoppable({ heartbeatMs: 30 * SECOND, missed: 3 });
  gateway.run(40 * SECOND);
  gateway.door(true);
  gateway.run(SECOND);
  gateway.stall(10 * 60 * SECOND);
  // The line had held this back: the door was closed while the gateway was stopped.
  gateway.door(false);
  gateway.run(120 * SECOND);
  expect(gateway.troubles).toEqual([]);
  expect(gateway.notices).toEqual([
    'The gateway stood still for up to 601 s, and may have missed what happened meanwhile',
  ]);
});
