import { describe, expect, it } from 'vitest';
import type { ByteDuplex } from '../../device-sim/byte-duplex.ts';
import { BusLine } from '../../device-sim/nodes/bus-line.ts';
import type { LineFaults } from '../../device-sim/nodes/line-faults.ts';
import { nodeAesCcm } from '../../device-sim/nodes/node-aes-ccm.ts';
import type { Scheduler } from '../../device-sim/nodes/scheduler.ts';
import { openFrame, parseFrame, sealFrame } from '../../protocol/button-bus/frame.ts';
import { FrameScanner } from '../../protocol/button-bus/frame-scanner.ts';

const KEY = new Uint8Array(16).fill(3);

/** A clock that moves only on command. */
class TestTime implements Scheduler {
  #now = 0;
  #timers: { atMs: number; run: () => void }[] = [];

  nowMs(): number {
    return this.#now;
  }

  after(delayMs: number, run: () => void): () => void {
    const timer = { atMs: this.#now + delayMs, run };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((other) => other !== timer);
    };
  }

  get pending(): number {
    return this.#timers.length;
  }

  pass(ms: number): void {
    const untilMs = this.#now + ms;
    for (;;) {
      const next = this.#timers.reduce<{ atMs: number; run: () => void } | undefined>(
        (first, timer) => (timer.atMs <= untilMs && (first === undefined || timer.atMs < first.atMs) ? timer : first),
        undefined,
      );
      if (next === undefined) break;
      this.#timers = this.#timers.filter((timer) => timer !== next);
      this.#now = Math.max(this.#now, next.atMs);
      next.run();
    }
    this.#now = untilMs;
  }
}

/** The other end: it hears frames and acknowledges all authentic ones. */
class TestGateway implements ByteDuplex {
  readonly presses: string[] = [];
  readonly arrivals: { atMs: number; bytes: number }[] = [];
  rejected = 0;
  answering = true;
  #listener: (bytes: Uint8Array) => void = () => undefined;
  readonly #scanner = new FrameScanner();
  #counter = 0;
  readonly #time: TestTime;

  constructor(time: TestTime) {
    this.#time = time;
  }

  onData(listener: (bytes: Uint8Array) => void): () => void {
    this.#listener = listener;
    return () => {
      this.#listener = () => undefined;
    };
  }

  write(bytes: Uint8Array): void {
    this.arrivals.push({ atMs: this.#time.nowMs(), bytes: bytes.length });
    const bodies: Uint8Array[] = [];
    this.#scanner.push(
      bytes,
      (body) => bodies.push(Uint8Array.from(body)),
      () => {
        this.rejected += 1;
      },
    );
    for (const body of bodies) this.#hear(body);
  }

  #hear(body: Uint8Array): void {
    const result = parseFrame(body);
    const message = result.ok ? openFrame(nodeAesCcm, KEY, result.frame) : undefined;
    if (!result.ok || message === undefined) {
      this.rejected += 1;
      return;
    }
    const { address, epoch, counter } = result.frame.header;
    if (message.type === 'press') this.presses.push(`${address}.${epoch}.${counter}`);
    if (!this.answering) return;
    this.#counter += 1;
    const header = { address, epoch: 1, counter: this.#counter };
    this.#listener(sealFrame(nodeAesCcm, KEY, header, { type: 'ack', nodeEpoch: epoch, counter, status: 'accepted' }));
  }
}

function line(seed: number, faults: Partial<LineFaults>, nodes = 4) {
  const time = new TestTime();
  const gateway = new TestGateway(time);
  const bus = new BusLine({
    seed,
    scheduler: time,
    nodes: Array.from({ length: nodes }, (_, i) => ({
      id: `n${i}`,
      address: i + 1,
      key: KEY,
      epoch: 1,
      buttons: 2,
      points: 1,
    })),
  });
  bus.fault(faults);
  bus.attach(gateway);
  return { time, gateway, bus };
}

const BAD_LINE = { loseUp: 0.4, loseDown: 0.4, flipUp: 0.2, flipDown: 0.2, duplicateUp: 0.2, garbageUp: 0.3 };

describe('a line of nodes', () => {
  it.each([1, 2, 3, 4, 5])('that loses, flips, doubles and soils frames loses no press (seed %i)', (seed) => {
    const { time, gateway, bus } = line(seed, BAD_LINE);
    const made: string[] = [];
    for (let i = 0; i < 40; i++) {
      const pressed = bus.press(`n${i % 4}`, i % 2);
      if (pressed !== undefined) made.push(`${(i % 4) + 1}.${pressed.epoch}.${pressed.counter}`);
      time.pass(700);
    }
    time.pass(30_000);
    expect(made).toHaveLength(40);
    expect(new Set(gateway.presses)).toEqual(new Set(made));
    expect(gateway.rejected).toBeGreaterThan(0);
    for (let i = 0; i < 4; i++) expect(bus.node(`n${i}`).led).toBe('green');
  });

  it('presses again, under the next epoch, what a person holds while the power is cut, and nothing else', () => {
    const { time, gateway, bus } = line(1, {});
    gateway.answering = false;
    time.pass(1_000);
    bus.press('n0', 0);
    bus.press('n0', 1);
    bus.release('n0', 1);
    time.pass(10);
    bus.restart('n0');
    bus.release('n0', 0);
    bus.restart('n0');
    time.pass(10_000);
    expect([...new Set(gateway.presses.map((id) => id.replace(/\.\d+$/, '')))]).toEqual(['1.1', '1.2']);
    expect(new Set(gateway.presses).size).toBe(3);
  });

  it('does the same again from the same seed, and something else from another', () => {
    const run = (seed: number) => {
      const { time, gateway, bus } = line(seed, BAD_LINE);
      bus.press('n0', 0);
      time.pass(60_000);
      return gateway.arrivals;
    };
    expect(run(7)).toEqual(run(7));
    expect(run(7)).not.toEqual(run(8));
  });

  it('that is cut and mended delivers the press that was made meanwhile', () => {
    const { time, gateway, bus } = line(1, { cut: true });
    time.pass(1_000);
    bus.press('n1', 0);
    time.pass(3_600_000);
    expect(gateway.arrivals).toHaveLength(0);
    bus.fault({ cut: false });
    time.pass(2_400);
    expect(gateway.presses).toEqual([`2.1.${gateway.presses[0]?.split('.')[2]}`]);
    expect(bus.node('n1').led).toBe('green');
  });

  it('is no faster than its baud rate', () => {
    const { time, gateway, bus } = line(1, {}, 1);
    time.pass(1_000);
    gateway.arrivals.length = 0;
    bus.fault({ baudRate: 1_200 });
    const startMs = time.nowMs();
    bus.press('n0', 0);
    time.pass(1_000);
    const bytes = gateway.arrivals.slice(0, 4).reduce((sum, arrival) => sum + arrival.bytes, 0);
    const lastMs = gateway.arrivals[3]?.atMs ?? 0;
    expect(lastMs - startMs).toBeCloseTo((bytes * 10 * 1000) / 1_200, 6);
    expect(gateway.presses.length).toBeGreaterThan(0);
  });

  it('starts a restarted node in its next epoch, with a hello', () => {
    const { time, gateway, bus } = line(1, {}, 1);
    time.pass(1_000);
    bus.restart('n0');
    const pressed = bus.press('n0', 1);
    expect(pressed?.epoch).toBe(2);
    time.pass(100);
    expect(gateway.presses).toEqual([`1.2.${pressed?.counter}`]);
  });

  it('tells each change of an LED once', () => {
    const { time, bus } = line(1, {});
    const seen: string[] = [];
    bus.onLed((id, led) => seen.push(`${id} ${led}`));
    bus.press('n2', 0);
    time.pass(10_000);
    expect(seen).toEqual(['n2 green']);
  });

  it('leaves no timer behind when it is stopped', () => {
    const { time, bus } = line(1, { baudRate: 300 });
    bus.press('n0', 0);
    bus.stop();
    expect(time.pending).toBe(0);
    expect(bus.press('n0', 0)).toBeUndefined();
  });
});
