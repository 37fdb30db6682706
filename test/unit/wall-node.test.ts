import { beforeEach, describe, expect, it } from 'vitest';
import { nodeAesCcm } from '../../device-sim/nodes/node-aes-ccm.ts';
import { type NodeInput, type NodeStep, WallNode, type WallNodeSettings } from '../../device-sim/nodes/wall-node.ts';
import { seededRandom } from '../../device-sim/random.ts';
import { openFrame, type ParsedFrame, parseFrame, sealFrame } from '../../protocol/button-bus/frame.ts';
import { ANY_NODE_EPOCH, type DownMessage, type Message } from '../../protocol/button-bus/message.ts';

const KEY = new Uint8Array(16).fill(7);
const OTHER_KEY = new Uint8Array(16).fill(8);
const SESSION = 9;
const EPOCH = 3;

interface Sent {
  readonly atMs: number;
  readonly wire: Uint8Array;
  readonly counter: number;
  readonly message: Message;
}

/** A node on a test bench: its clock is a number, its gateway is the test. */
class Bench {
  nowMs = 1_000;
  readonly sent: Sent[] = [];
  readonly node: WallNode;
  #wakeMs = Infinity;
  #downCounter = 0;

  constructor(settings: Partial<WallNodeSettings> = {}, seed = 1) {
    const base = { id: 'n', address: 1, key: KEY, epoch: EPOCH, buttons: 16, points: 4 };
    this.node = new WallNode({ ...base, ...settings }, nodeAesCcm, seededRandom(seed));
  }

  step(input: NodeInput): NodeStep {
    const step = this.node.step(input, this.nowMs);
    this.#wakeMs = step.wakeMs;
    for (const wire of step.frames) this.sent.push({ atMs: this.nowMs, wire, ...opened(wire) });
    return step;
  }

  /** Lets time pass and wakes the node whenever it asked for that. */
  pass(ms: number): void {
    const untilMs = this.nowMs + ms;
    while (this.#wakeMs <= untilMs) {
      this.nowMs = Math.max(this.nowMs, this.#wakeMs);
      this.step({ type: 'tick' });
    }
    this.nowMs = untilMs;
  }

  press(button = 0): number {
    const pressed = this.step({ type: 'press', button, pattern: 'single' }).pressed;
    if (pressed === undefined) throw new Error('the press was refused');
    return pressed.counter;
  }

  /** Returns a down frame as the real gateway seals it, by default. */
  down(message: DownMessage, forged: { key?: Uint8Array; session?: number; counter?: number } = {}): ParsedFrame {
    const counter = forged.counter ?? ++this.#downCounter;
    const header = { address: 1, epoch: forged.session ?? SESSION, counter };
    return parsed(sealFrame(nodeAesCcm, forged.key ?? KEY, header, message));
  }

  hear(frame: ParsedFrame): void {
    this.step({ type: 'frame', frame });
  }

  acknowledge(counter: number, status: 'heard' | 'sent' | 'accepted' | 'notConfirmed' = 'heard'): void {
    this.hear(this.down({ type: 'ack', nodeEpoch: this.node.epoch, counter, status }));
  }

  /** Starts a node and acknowledges its hello and first heartbeat. */
  settle(): void {
    this.step({ type: 'start' });
    this.pass(200);
    for (const counter of new Set(this.sent.map((frame) => frame.counter))) this.acknowledge(counter);
    this.sent.length = 0;
  }

  of(type: Message['type']): Sent[] {
    return this.sent.filter((frame) => frame.message.type === type);
  }
}

function parsed(wire: Uint8Array): ParsedFrame {
  const result = parseFrame(wire.subarray(1, -1));
  if (!result.ok) throw new Error(`not a frame: ${result.fault}`);
  return result.frame;
}

function opened(wire: Uint8Array): { message: Message; counter: number } {
  const frame = parsed(wire);
  const message = openFrame(nodeAesCcm, KEY, frame);
  if (message === undefined) throw new Error('not authentic');
  return { message, counter: frame.header.counter };
}

function gaps(sent: readonly Sent[]): number[] {
  return sent.slice(1).map((frame, i) => frame.atMs - (sent[i]?.atMs ?? 0));
}

let bench: Bench;
beforeEach(() => {
  bench = new Bench();
  bench.settle();
});

describe('a press', () => {
  it('is on the wire in the step it is made in', () => {
    const counter = bench.press(2);
    expect(bench.sent).toHaveLength(1);
    expect(bench.sent[0]).toMatchObject({ counter, message: { type: 'press', button: 2, pattern: 'single' } });
  });

  it('is repeated within 100 ms, then backs off to at most 2 s and a fifth, each gap at random', () => {
    bench.press();
    bench.pass(60_000);
    const between = gaps(bench.of('press'));
    [80, 160, 320, 640, 1280, 2000, 2000].forEach((gap, i) => {
      expect(between[i]).toBeGreaterThanOrEqual(gap);
      expect(between[i]).toBeLessThanOrEqual(gap * 1.2);
    });
    expect(new Set(between.slice(6)).size).toBeGreaterThan(5);
  });

  it('is first repeated at a random moment of 80…96 ms, so that nodes pressed at one instant part', () => {
    const first = Array.from({ length: 200 }, (_, seed) => {
      const node = new Bench({}, seed);
      node.settle();
      node.press();
      node.pass(100);
      return gaps(node.of('press'))[0] ?? Number.NaN;
    });
    expect(Math.min(...first)).toBeGreaterThanOrEqual(80);
    expect(Math.min(...first)).toBeLessThan(81);
    expect(Math.max(...first)).toBeLessThanOrEqual(96);
    expect(Math.max(...first)).toBeGreaterThan(95);
  });

  it('is repeated byte for byte, for an hour and on, until it is acknowledged', () => {
    const counter = bench.press();
    bench.pass(3_600_000);
    const sendings = bench.of('press');
    expect(sendings.length).toBeGreaterThan(3_600_000 / 2_400);
    expect(new Set(sendings.map((frame) => Buffer.from(frame.wire).toString('hex'))).size).toBe(1);
    bench.acknowledge(counter, 'accepted');
    const before = bench.of('press').length;
    bench.pass(7_200_000);
    expect(bench.of('press')).toHaveLength(before);
  });

  it('holds back heartbeats until it is acknowledged, and one follows at once', () => {
    const counter = bench.press();
    bench.pass(600_000);
    expect(bench.of('heartbeat')).toHaveLength(0);
    bench.acknowledge(counter);
    bench.pass(60);
    expect(bench.of('heartbeat')).toHaveLength(1);
  });

  it('pushes out a heartbeat that waits, which is sent again after', () => {
    bench.pass(30_000);
    const counter = bench.press();
    bench.sent.length = 0;
    bench.pass(10_000);
    expect(bench.of('heartbeat')).toHaveLength(0);
    bench.acknowledge(counter);
    bench.pass(60);
    expect(bench.of('heartbeat')).toHaveLength(1);
  });

  it('never falls 32 counters behind the newest frame, however often a door moves', () => {
    const press = bench.press();
    for (let i = 0; i < 500; i++) {
      bench.step({ type: 'point', point: i % 4, active: i % 8 < 4 });
      bench.pass(100);
    }
    expect(Math.max(...bench.sent.map((frame) => frame.counter)) - press).toBeLessThanOrEqual(32);
  });

  it('told not confirmed goes on calling at 2 s, red, until it is heard too', () => {
    const counter = bench.press();
    bench.pass(10_000);
    bench.acknowledge(counter, 'notConfirmed');
    expect(bench.node.led).toBe('red');
    bench.sent.length = 0;
    bench.pass(7_200_000);
    const between = gaps(bench.of('press'));
    expect(between.length).toBeGreaterThan(7_200_000 / 2_400 - 2);
    expect(Math.max(...between)).toBeLessThanOrEqual(2_400);
    expect(bench.node.waiting).toBe(1);
    bench.acknowledge(counter, 'heard');
    expect(bench.node.led).toBe('red');
    bench.sent.length = 0;
    bench.pass(35_000);
    expect(gaps(bench.of('press'))).toEqual([10_000, 10_000]);
    bench.acknowledge(counter, 'accepted');
    expect(bench.node.led).toBe('green');
  });

  it('told not confirmed, then accepted, is done', () => {
    const counter = bench.press();
    bench.acknowledge(counter, 'notConfirmed');
    bench.acknowledge(counter, 'accepted');
    expect(bench.node.led).toBe('green');
    bench.sent.length = 0;
    bench.pass(60_000);
    expect(bench.of('press')).toHaveLength(0);
  });

  it.each(['heard', 'sent', 'accepted'] as const)('told %s calls no more', (status) => {
    const counter = bench.press();
    bench.acknowledge(counter, status);
    expect(bench.node.waiting).toBe(0);
    bench.sent.length = 0;
    bench.pass(4_900);
    expect(bench.of('press')).toHaveLength(0);
  });

  it('is never pushed out of the queue by releases, points and heartbeats', () => {
    const press = bench.press();
    for (let i = 0; i < 40; i++) {
      bench.step({ type: 'release', button: i % 16 });
      bench.step({ type: 'point', point: i % 4, active: true });
    }
    expect(bench.node.waiting).toBeLessThanOrEqual(8);
    bench.pass(10_000);
    bench.sent.length = 0;
    bench.pass(3_000);
    expect(bench.of('press').map((frame) => frame.counter)).toContain(press);
  });

  it('keeps its 32 counters from frames that are sealed anew as well', () => {
    for (let i = 0; i < 5; i++) bench.step({ type: 'release', button: i });
    bench.pass(60);
    const press = bench.press();
    for (let i = 0; i < 500; i++) {
      bench.step({ type: 'point', point: i % 4, active: i % 8 < 4 });
      bench.pass(100);
    }
    const newest = Math.max(...bench.sent.map((frame) => frame.counter));
    expect(newest - press).toBe(32);
    bench.acknowledge(press);
    bench.sent.length = 0;
    bench.pass(3_000);
    expect(Math.min(...bench.of('release').map((frame) => frame.counter))).toBeGreaterThan(newest);
  });

  it('that 64 others have overtaken is sealed anew: its first counter is out of the gateway’s reach', () => {
    const first = bench.press(3);
    for (let i = 0; i < 63; i++) bench.acknowledge(bench.press(i % 3), 'accepted');
    bench.sent.length = 0;
    bench.pass(3_000);
    expect(new Set(bench.of('press').map((frame) => frame.counter))).toEqual(new Set([first]));
    const last = bench.press(0);
    bench.acknowledge(last, 'accepted');
    bench.sent.length = 0;
    bench.pass(3_000);
    expect(bench.of('press')[0]).toMatchObject({ counter: last + 1, message: { button: 3, pattern: 'single' } });
    bench.acknowledge(last + 1, 'accepted');
    bench.sent.length = 0;
    bench.pass(3_000);
    expect(bench.of('press')).toHaveLength(0);
  });

  it('takes the place of a lesser frame in a full queue; of nine buttons the ninth waits for the first that is heard', () => {
    for (let i = 0; i < 8; i++) bench.step({ type: 'release', button: i });
    const counters = [0, 1, 2, 3, 4, 5, 6, 7].map((button) => bench.press(button));
    expect(bench.node.waiting).toBe(8);
    for (let i = 0; i < 3; i++)
      expect(bench.step({ type: 'press', button: 9, pattern: 'single' }).pressed).toBeUndefined();
    bench.pass(10_000);
    bench.sent.length = 0;
    bench.pass(3_000);
    expect(new Set(bench.of('press').map((frame) => frame.counter))).toEqual(new Set(counters));
    bench.sent.length = 0;
    bench.acknowledge(counters[4] ?? 0, 'accepted');
    expect(bench.sent).toHaveLength(1);
    expect(bench.sent[0]).toMatchObject({ counter: Math.max(...counters) + 1, message: { type: 'press', button: 9 } });
    expect(bench.node.led).toBe('off');
    bench.acknowledge(counters[0] ?? 0);
    bench.pass(3_000);
    expect(bench.of('press').filter(({ counter }) => counter > Math.max(...counters) + 1)).toEqual([]);
  });

  it('made 200 times while nobody hears takes eight places and eight counters: the gateway can still take each', () => {
    const counters = Array.from({ length: 8 }, () => bench.press(0));
    for (let i = 0; i < 192; i++) {
      expect(bench.step({ type: 'press', button: 0, pattern: 'single' }).pressed).toBeUndefined();
      bench.pass(500);
    }
    bench.sent.length = 0;
    bench.pass(3_000);
    expect(new Set(bench.sent.map((frame) => frame.counter))).toEqual(new Set(counters));
  });

  it('held long is not spoken for by a single one of the same button', () => {
    for (let i = 0; i < 8; i++) bench.press(0);
    expect(bench.step({ type: 'press', button: 0, pattern: 'long' }).pressed).toBeDefined();
    bench.sent.length = 0;
    bench.pass(3_000);
    const patterns = bench.of('press').map((frame) => (frame.message.type === 'press' ? frame.message.pattern : ''));
    expect(new Set(patterns)).toEqual(new Set(['single', 'long']));
  });

  it('of another button takes the place of a doubled press', () => {
    for (let i = 0; i < 8; i++) bench.press(0);
    bench.press(5);
    bench.pass(10_000);
    bench.sent.length = 0;
    bench.pass(3_000);
    const buttons = bench.of('press').map((frame) => (frame.message.type === 'press' ? frame.message.button : -1));
    expect(new Set(buttons)).toEqual(new Set([0, 5]));
  });
});

describe('the LED', () => {
  it('shows heard, sent, accepted in turn and never falls back', () => {
    const counter = bench.press();
    const shown = [bench.node.led];
    for (const status of ['heard', 'sent', 'heard', 'accepted', 'notConfirmed', 'sent'] as const) {
      bench.acknowledge(counter, status);
      shown.push(bench.node.led);
    }
    expect(shown).toEqual(['off', 'amberSlow', 'amberFast', 'amberFast', 'green', 'green', 'green']);
  });

  it('turns from not confirmed to accepted when a receiver answers late', () => {
    const counter = bench.press();
    bench.acknowledge(counter, 'sent');
    bench.acknowledge(counter, 'notConfirmed');
    expect(bench.node.led).toBe('red');
    bench.acknowledge(counter, 'sent');
    expect(bench.node.led).toBe('red');
    bench.acknowledge(counter, 'accepted');
    expect(bench.node.led).toBe('green');
  });

  it('is the newest press’s own: an older one’s answer does not light it', () => {
    const first = bench.press(0);
    bench.acknowledge(first, 'accepted');
    bench.press(1);
    expect(bench.node.led).toBe('off');
    bench.acknowledge(first, 'accepted');
    expect(bench.node.led).toBe('off');
  });

  it('stays dark in silent mode', () => {
    bench.hear(bench.down({ type: 'silent', nodeEpoch: EPOCH, silent: true }));
    bench.acknowledge(bench.press(), 'sent');
    expect(bench.node.led).toBe('off');
    bench.hear(bench.down({ type: 'silent', nodeEpoch: EPOCH, silent: false }));
    expect(bench.node.led).toBe('amberFast');
  });
});

describe('a down frame', () => {
  it('that is forged, of another epoch, of an older session or replayed is not obeyed', () => {
    const counter = bench.press();
    const ack = { type: 'ack', nodeEpoch: EPOCH, counter, status: 'accepted' } as const;
    bench.hear(bench.down(ack, { key: OTHER_KEY }));
    bench.hear(bench.down({ ...ack, nodeEpoch: EPOCH - 1 }));
    bench.hear(bench.down({ ...ack, nodeEpoch: ANY_NODE_EPOCH }));
    bench.hear(bench.down(ack, { session: SESSION - 1, counter: 1_000 }));
    bench.hear(bench.down(ack, { counter: 1 }));
    expect(bench.node.led).toBe('off');
    expect(bench.node.waiting).toBe(1);
    bench.acknowledge(counter, 'accepted');
    expect(bench.node.led).toBe('green');
    expect(bench.node.waiting).toBe(0);
  });

  it('of another epoch leaves the high-water mark alone, so it can’t shut out the real gateway', () => {
    const counter = bench.press();
    bench.hear(bench.down({ type: 'poll', nodeEpoch: EPOCH - 1 }, { session: SESSION + 1_000, counter: 5 }));
    bench.acknowledge(counter, 'heard');
    expect(bench.node.led).toBe('amberSlow');
  });

  it('recorded before a restart is not obeyed after it', () => {
    const recorded = bench.down({ type: 'ack', nodeEpoch: EPOCH, counter: 1, status: 'accepted' });
    bench.step({ type: 'restart' });
    bench.press();
    bench.hear(recorded);
    expect(bench.node.led).toBe('off');
    expect(bench.node.epoch).toBe(EPOCH + 1);
  });

  it('for another address is not heeded', () => {
    const counter = bench.press();
    const message = { type: 'ack', nodeEpoch: EPOCH, counter, status: 'heard' } as const;
    bench.hear(parsed(sealFrame(nodeAesCcm, KEY, { address: 2, epoch: SESSION, counter: 500 }, message)));
    expect(bench.node.waiting).toBe(1);
  });

  it('that polls any epoch is answered by a heartbeat', () => {
    bench.hear(bench.down({ type: 'poll', nodeEpoch: ANY_NODE_EPOCH }));
    bench.pass(50);
    expect(bench.of('heartbeat')).toHaveLength(1);
  });
});

describe('an enquiry', () => {
  it('asks every 5 s, every 10 s after not confirmed, for an hour, with the bytes of the press', () => {
    const counter = bench.press();
    bench.acknowledge(counter, 'heard');
    bench.pass(12_000);
    expect(gaps(bench.of('press'))).toEqual([5_000, 5_000]);
    bench.acknowledge(counter, 'notConfirmed');
    bench.sent.length = 0;
    bench.pass(25_000);
    expect(gaps(bench.of('press'))).toEqual([10_000]);
    bench.pass(3_600_000);
    bench.sent.length = 0;
    bench.pass(3_600_000);
    expect(bench.of('press')).toHaveLength(0);
  });

  it('ends when a receiver has accepted', () => {
    const counter = bench.press();
    bench.acknowledge(counter, 'heard');
    bench.acknowledge(counter, 'accepted');
    bench.sent.length = 0;
    bench.pass(60_000);
    expect(bench.of('press')).toHaveLength(0);
  });
});

describe('supervision', () => {
  it('begins with a hello, then a heartbeat, each acknowledged once and not sent again', () => {
    const fresh = new Bench();
    fresh.step({ type: 'start' });
    fresh.pass(110);
    expect(fresh.sent[0]).toMatchObject({ counter: 1, message: { type: 'hello', buttons: 16, points: 4 } });
    expect(fresh.of('heartbeat')).toHaveLength(1);
    fresh.acknowledge(1);
    fresh.acknowledge(2);
    fresh.sent.length = 0;
    fresh.pass(25_000);
    expect(fresh.sent).toHaveLength(0);
  });

  it('sends a heartbeat every 27…30 s, at random, and the newest in place of one nobody acknowledged', () => {
    bench.pass(600_000);
    const beats = bench.of('heartbeat');
    const between = gaps(beats.filter((beat, i) => beat.counter !== beats[i - 1]?.counter));
    // Each first sending waits 0…50 ms.
    expect(Math.min(...between)).toBeGreaterThan(26_950);
    expect(Math.max(...between)).toBeLessThan(30_050);
    expect(Math.max(...between) - Math.min(...between)).toBeGreaterThan(1_500);
    expect(bench.node.waiting).toBe(1);
  });

  it('tells points, tamper, battery and supply', () => {
    bench.step({ type: 'point', point: 2, active: true });
    bench.step({ type: 'tamper', active: true });
    bench.step({ type: 'power', batteryMv: 2_400, supplyMv: 11_900, lowBattery: true });
    bench.pass(50);
    expect(bench.of('heartbeat').at(-1)?.message).toMatchObject({
      points: [false, false, true, false],
      tamper: true,
      batteryMv: 2_400,
      supplyMv: 11_900,
      lowBattery: true,
    });
  });

  it('keeps only the newest state of a point', () => {
    for (let i = 0; i < 9; i++) bench.step({ type: 'point', point: 1, active: i % 2 === 0 });
    expect(bench.node.waiting).toBe(1);
    bench.pass(50);
    expect(bench.of('point').map((frame) => frame.message)).toEqual([{ type: 'point', point: 1, active: true }]);
  });

  it('sends a frame nobody acknowledged for 32 counters under a new one, so that the gateway still takes it', () => {
    bench.step({ type: 'release', button: 0 });
    bench.pass(50);
    const before = bench.of('release')[0]?.counter ?? 0;
    bench.pass(40 * 30_000);
    const after = bench.of('release').at(-1)?.counter ?? 0;
    const newest = Math.max(...bench.sent.map((frame) => frame.counter));
    expect(after).toBeGreaterThan(before);
    expect(newest - after).toBeLessThanOrEqual(33);
  });
});

it('a button or point the node does not have is refused, not sent', () => {
  expect(() => bench.step({ type: 'press', button: 16, pattern: 'single' })).toThrow(RangeError);
  expect(() => bench.step({ type: 'point', point: 4, active: true })).toThrow(RangeError);
});
