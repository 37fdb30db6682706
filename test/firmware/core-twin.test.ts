import fc from 'fast-check';
import { afterEach, expect, it } from 'vitest';
import { nodeAesCcm } from '../../device-sim/nodes/node-aes-ccm.ts';
import { WallNode } from '../../device-sim/nodes/wall-node.ts';
import { parseFrame } from '../../protocol/button-bus/frame.ts';
import type { DownMessage } from '../../protocol/button-bus/message.ts';
import { hex } from '../vectors/button-bus-reference.ts';
import { core } from './core-library.ts';
import { ADDRESS, CoreNode, downBody, KEY, opened } from './core-node.ts';

/** The same numbers as host_random of core-host.c: 0 or a half, which are exact on both sides. */
function halves(seed: number): () => number {
  let x = seed >>> 0;
  return () => {
    x = (x ^ (x << 13)) >>> 0;
    x = (x ^ (x >>> 17)) >>> 0;
    x = (x ^ (x << 5)) >>> 0;
    return ((x % 0xffff_ffff) >>> 16) & 1 ? 0.5 : 0;
  };
}

type Action =
  | { readonly kind: 'button'; readonly button: number }
  | { readonly kind: 'point'; readonly point: number }
  | { readonly kind: 'tamper' | 'battery' | 'restart' | 'poll' | 'silent' }
  | { readonly kind: 'wait'; readonly steps: number };

const RUNS = 60;
const STEP_MS = 50;
const LONG_BUTTONS = 0b1000_0000_0000_0000;
const LED = ['off', 'amberSlow', 'amberFast', 'green', 'red'];
const STATUSES = ['heard', 'sent', 'accepted', 'notConfirmed'] as const;

const action: fc.Arbitrary<Action> = fc.oneof(
  { weight: 12, arbitrary: fc.record({ kind: fc.constant('button'), button: fc.integer({ min: 0, max: 15 }) }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('point'), point: fc.integer({ min: 0, max: 3 }) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constantFrom('tamper', 'battery', 'restart', 'poll', 'silent') }) },
  { weight: 5, arbitrary: fc.record({ kind: fc.constant('wait'), steps: fc.integer({ min: 1, max: 60 }) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('wait'), steps: fc.integer({ min: 200, max: 2000 }) }) },
) as fc.Arbitrary<Action>;

interface Course {
  readonly actions: readonly Action[];
  readonly seed: number;
  /** Of 16 frames, and of 16 answers, so many are lost. */
  readonly lostUp: number;
  readonly lostDown: number;
  readonly clock: number;
}

const course: fc.Arbitrary<Course> = fc.record({
  actions: fc.array(action, { minLength: 1, maxLength: 120 }),
  seed: fc.integer({ min: 1, max: 0x7fff_ffff }),
  lostUp: fc.integer({ min: 0, max: 16 }),
  lostDown: fc.integer({ min: 0, max: 16 }),
  clock: fc.constantFrom(1000, 0xffff_0000, 0x7fff_0000),
});

interface Timed {
  readonly at: number;
  readonly run: () => void;
}

/** Both nodes at the same contacts and on the same line. */
class Pair {
  readonly firmware: CoreNode;
  readonly twin: WallNode;
  readonly #course: Course;
  readonly #line: () => number;
  #x: number;
  #epoch = 5;
  #later: Timed[] = [];
  #counter = 0;
  #low = false;
  #batteryMv = 0xffff;
  #silent = false;
  /** Per button: when a long press falls due, if it is still held. */
  readonly #undecided = new Map<number, number>();
  frames = 0;

  constructor(course: Course) {
    this.#course = course;
    this.#x = course.seed;
    this.#line = () => {
      this.#x = (Math.imul(this.#x, 1_103_515_245) + 12_345) >>> 0;
      return (this.#x >>> 16) & 0x7fff;
    };
    core.random(course.seed);
    this.firmware = new CoreNode({ longPress: LONG_BUTTONS, points: 4 }, this.#epoch, course.clock);
    const settings = { id: 'n', address: ADDRESS, key: KEY, epoch: this.#epoch, buttons: 16, points: 4 };
    this.twin = new WallNode(settings, nodeAesCcm, halves(course.seed));
    core.supply(this.firmware.host, 0xffff, 0xffff, false, this.firmware.clock);
    this.#compare(this.twin.step({ type: 'start' }, this.now).frames);
    this.firmware.contacts();
  }

  get now(): number {
    return this.firmware.now;
  }

  run(): void {
    for (const next of this.#course.actions) {
      this.#act(next);
      this.#passUntil(this.now + (next.kind === 'wait' ? next.steps : 1) * STEP_MS);
    }
  }

  #act(next: Action): void {
    const { firmware } = this;
    switch (next.kind) {
      case 'button':
        if ((firmware.buttons & (1 << next.button)) === 0) this.#close(next.button);
        // The firmware queues a single press and its release in one call, the twin in two.
        else if (!this.#undecided.has(next.button)) this.#open(next.button);
        break;
      case 'point': {
        const active = (firmware.points & (1 << next.point)) === 0;
        firmware.setPoint(next.point, active);
        this.#at(this.now + 20, () => this.#step({ type: 'point', point: next.point, active }));
        break;
      }
      case 'tamper': {
        firmware.tamper = !firmware.tamper;
        firmware.contacts();
        const active = firmware.tamper;
        this.#at(this.now + 20, () => this.#step({ type: 'tamper', active }));
        break;
      }
      case 'battery':
        this.#low = !this.#low;
        this.#batteryMv = 3000;
        core.supply(firmware.host, 3000, 0xffff, this.#low, firmware.clock);
        this.#step({ type: 'power', batteryMv: 3000, lowBattery: this.#low });
        break;
      case 'restart':
        this.#restart();
        break;
      case 'poll':
        this.#tell({ type: 'poll', nodeEpoch: this.#line() % 2 === 0 ? 0xffff_ffff : this.#epoch });
        break;
      case 'silent':
        this.#silent = !this.#silent;
        this.#tell({ type: 'silent', nodeEpoch: this.#epoch, silent: this.#silent });
        break;
      case 'wait':
        break;
    }
  }

  #close(button: number): void {
    this.firmware.close(button);
    const closedAt = this.now;
    if ((LONG_BUTTONS & (1 << button)) === 0) {
      this.#at(closedAt + 6, () => this.#step({ type: 'press', button, pattern: 'single' }));
    } else this.#awaitLong(button, closedAt);
  }

  #awaitLong(button: number, from: number): void {
    this.#undecided.set(button, from);
    this.#at(from + 2000, () => {
      if (this.#undecided.get(button) !== from) return;
      this.#undecided.delete(button);
      this.#step({ type: 'press', button, pattern: 'long' });
    });
  }

  #open(button: number): void {
    this.firmware.open(button);
    this.#at(this.now + 30, () => this.#step({ type: 'release', button }));
  }

  #restart(): void {
    const { firmware, twin } = this;
    this.#epoch += 1;
    this.#later = [];
    this.#undecided.clear();
    const held = firmware.buttons;
    core.start(firmware.host, this.#epoch, firmware.clock, 1);
    core.supply(firmware.host, this.#batteryMv, 0xffff, this.#low, firmware.clock);
    this.#compare(twin.step({ type: 'restart' }, this.now).frames);
    firmware.contacts();
    for (let button = 0; button < 16; button++) {
      if ((held & (1 << button)) === 0) continue;
      if ((LONG_BUTTONS & (1 << button)) !== 0) this.#awaitLong(button, this.now);
      else this.#twinFrames.push(...twin.step({ type: 'press', button, pattern: 'single' }, this.now).frames);
    }
    this.#tick();
  }

  readonly #twinFrames: Uint8Array[] = [];

  #at(at: number, run: () => void): void {
    this.#later.push({ at, run });
    this.#later.sort((a, b) => a.at - b.at);
  }

  #step(input: Parameters<WallNode['step']>[0]): void {
    this.#twinFrames.push(...this.twin.step(input, this.now).frames);
    this.#tick();
  }

  /** Both do what is due now, and must agree. */
  #tick(): void {
    this.firmware.contacts();
    this.#twinFrames.push(...this.twin.step({ type: 'tick' }, this.now).frames);
    this.#compare(this.#twinFrames.splice(0));
  }

  #passUntil(end: number): void {
    for (;;) {
      const wake = this.twin.step({ type: 'tick' }, this.now).wakeMs;
      const next = Math.min(wake, this.now + this.firmware.due, this.#later[0]?.at ?? Infinity);
      if (next > end) break;
      expect(next).toBeGreaterThan(this.now);
      this.firmware.now = next;
      const due = this.#later.filter(({ at }) => at === next);
      this.#later = this.#later.filter(({ at }) => at !== next);
      for (const { run } of due) run();
      this.#tick();
    }
    this.firmware.now = end;
    this.#tick();
  }

  #compare(twinFrames: readonly Uint8Array[]): void {
    const frames = this.firmware.frames();
    const readable = (wire: Uint8Array) => {
      const { message, ...header } = opened(wire);
      // The twin counts the time held from the decided press; the firmware from the contact.
      return message.type === 'release'
        ? { ...header, message: { ...message, heldMs: 0 } }
        : { hex: hex(wire), ...header, message };
    };
    expect(frames.map(({ wire }) => readable(wire))).toEqual(twinFrames.map(readable));
    expect(this.firmware.due).toBeGreaterThan(0);
    expect(core.waiting(this.firmware.host)).toBe(this.twin.waiting);
    expect(core.isSilent(this.firmware.host)).toBe(this.twin.isSilent);
    expect(this.twin.isSilent ? 'off' : LED[core.status(this.firmware.host)]).toBe(this.twin.led);
    this.frames += frames.length;
    for (const sent of frames) this.#answer(sent.counter);
  }

  /** An answer of any status, 3 ms later; some frames and some answers are lost. */
  #answer(counter: number): void {
    if (this.#line() % 16 < this.#course.lostUp || this.#line() % 16 < this.#course.lostDown) return;
    const status = STATUSES[this.#line() % 4] ?? 'heard';
    const nodeEpoch = this.#epoch;
    this.#at(this.now + 3, () => this.#tell({ type: 'ack', nodeEpoch, counter, status }));
  }

  #tell(message: DownMessage): void {
    // Now and then an old number: a replay, which neither may obey.
    if (this.#line() % 8 !== 0) this.#counter += 1;
    const body = downBody(77, this.#counter, message);
    this.firmware.hear(body);
    const parsed = parseFrame(body);
    if (!parsed.ok) throw new Error(parsed.fault);
    this.#step({ type: 'frame', frame: parsed.frame });
  }
}

/** Some seconds of the processor: longer where others use it too. */
const SLOW_MS = 60_000;

afterEach(() => core.random(0));

it(
  'does what the simulated node does, frame by frame and light by light',
  () => {
    let frames = 0;
    fc.assert(
      fc.property(course, (course) => {
        const pair = new Pair(course);
        pair.run();
        frames += pair.frames;
        pair.firmware.free();
      }),
      { numRuns: RUNS },
    );
    expect(frames).toBeGreaterThan(4_000);
  },
  SLOW_MS,
);
