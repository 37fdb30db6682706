import { describe, expect, test } from 'vitest';
import type { NodeMachine } from '../../device-sim/firmware/node-machine.ts';
import { nodeAesCcm } from '../../device-sim/nodes/node-aes-ccm.ts';
import { WallNode } from '../../device-sim/nodes/wall-node.ts';
import { seededRandom } from '../../device-sim/random.ts';
import { openFrame, parseFrame, sealFrame } from '../../protocol/button-bus/frame.ts';
import type { UpMessage } from '../../protocol/button-bus/message.ts';
import { isImageMissing, KEY, machine, SETTINGS, storageOf } from './image.ts';
import { NodeRig, SESSION } from './node-rig.ts';

const EPOCH = 0x1b2c_3d4e;
const LAST = 0xffff_ffff;
/** Before these a node does not yet look for a quiet moment. */
const SPENT_LAST = 0x1000 + 100;

interface Sent {
  readonly epoch: number;
  readonly counter: number;
  readonly message: UpMessage;
}

/** A node of either kind near the end of its counters, and a gateway that answers as it is told. */
interface Aged {
  /** What it did to the line that it must not. */
  readonly offences: readonly unknown[];
  readonly frames: readonly Sent[];
  answers: 'nothing' | 'heard' | 'accepted';
  run(ms: number): void;
  button(isClosed: boolean): void;
  point(isActive: boolean): void;
  /** Brings its counter near the end, to this one at least. */
  spend(counter: number): void;
}

/**
 * Sets the counter in the memory of a node that runs: it follows the epoch there (node_state.h).
 */
function setCounter({ chip }: NodeMachine, from: number, counter: number): void {
  const memory = Buffer.from(chip.cpu.data.buffer);
  const numbers = Buffer.alloc(8);
  numbers.writeUInt32LE(EPOCH);
  numbers.writeUInt32LE(from, 4);
  // The first ones are acknowledgements that it has heard.
  const at = memory.lastIndexOf(numbers);
  expect(at).toBeGreaterThan(0);
  memory.writeUInt32LE(counter, at + 4);
}

function agedMachine(): Aged {
  const rig = new NodeRig(machine(storageOf({ isSharedLine: true }, EPOCH - 1)));
  rig.machine.switchOn();
  rig.run(1_000);
  return {
    frames: rig.frames,
    offences: rig.machine.offences,
    get answers() {
      return rig.answers;
    },
    set answers(how) {
      rig.answers = how;
    },
    run: (ms) => rig.run(ms),
    button: (isClosed) => rig.machine.button(0, isClosed),
    point: (isActive) => rig.machine.point(0, isActive),
    spend: (counter) => setCounter(rig.machine, rig.frames.at(-1)?.counter ?? 0, counter),
  };
}

function agedTwin(): Aged {
  const counter = LAST - SPENT_LAST;
  const settings = { id: 'n', address: SETTINGS.address, key: KEY, epoch: EPOCH, counter, buttons: 2, points: 3 };
  const node = new WallNode(settings, nodeAesCcm, seededRandom(1));
  const frames: Sent[] = [];
  let [nowMs, wakeMs, down] = [0, 0, 0];
  const step = (input: Parameters<WallNode['step']>[0]) => {
    const taken = node.step(input, nowMs);
    wakeMs = taken.wakeMs;
    for (const wire of taken.frames) {
      const parsed = parseFrame(wire.subarray(1, -1));
      if (!parsed.ok) throw new Error(parsed.fault);
      const message = openFrame(nodeAesCcm, KEY, parsed.frame) as UpMessage;
      const { epoch, counter: number, address } = parsed.frame.header;
      frames.push({ epoch, counter: number, message });
      if (aged.answers === 'nothing') continue;
      const status = message.type === 'press' ? aged.answers : 'heard';
      const ack = { type: 'ack', nodeEpoch: epoch, counter: number, status } as const;
      down += 1;
      const answer = parseFrame(
        sealFrame(nodeAesCcm, KEY, { address, epoch: SESSION, counter: down }, ack).subarray(1, -1),
      );
      if (answer.ok) step({ type: 'frame', frame: answer.frame });
    }
  };
  const aged: Aged = {
    frames,
    offences: [],
    answers: 'heard',
    run(ms) {
      const endMs = nowMs + ms;
      while (wakeMs <= endMs) {
        nowMs = Math.max(nowMs, wakeMs);
        step({ type: 'tick' });
      }
      nowMs = endMs;
    },
    button: (isClosed) =>
      step(isClosed ? { type: 'press', button: 0, pattern: 'single' } : { type: 'release', button: 0 }),
    point: (active) => step({ type: 'point', point: 0, active }),
    spend(from) {
      const isBefore = () => (frames.at(-1)?.counter ?? 0) < from && frames.at(-1)?.epoch === EPOCH;
      for (let times = 0; isBefore(); times++) {
        expect(times).toBeLessThan(2 * SPENT_LAST);
        aged.point(times % 2 === 0);
        aged.run(60);
      }
    },
  };
  step({ type: 'start' });
  aged.run(1_000);
  return aged;
}

const epochs = ({ frames }: Aged) => [...new Set(frames.map(({ epoch }) => epoch))];
/** Each press once, without its repeats and enquiries. */
const presses = ({ frames }: Aged) => [
  ...new Map(
    frames.filter(({ message }) => message.type === 'press').map((each) => [`${each.epoch} ${each.counter}`, each]),
  ).values(),
];

describe.skipIf(isImageMissing()).each([
  ['the firmware', agedMachine],
  ['the simulated node', agedTwin],
])('%s, near the end of its counters,', (_, aged) => {
  test('restarts into the next epoch while all is quiet', () => {
    const node = aged();
    expect(epochs(node)).toEqual([EPOCH]);
    node.spend(LAST - 0x1000);
    node.run(40_000);
    expect(epochs(node)).toEqual([EPOCH, EPOCH + 1]);
    const anew = node.frames.filter(({ epoch }) => epoch === EPOCH + 1);
    expect(anew[0]).toMatchObject({ counter: 1, message: { type: 'hello' } });
    expect(Math.max(...anew.map(({ counter }) => counter))).toBeLessThan(10);
  });

  test('waits while a press enquires, and while a button is held', () => {
    const node = aged();
    node.button(true);
    node.run(500);
    node.spend(LAST - 100);
    node.run(6_000);
    expect(epochs(node)).toEqual([EPOCH]);
    node.answers = 'accepted';
    node.run(12_000);
    expect(epochs(node)).toEqual([EPOCH]);
    expect(presses(node)).toHaveLength(1);
    node.button(false);
    node.run(2_000);
    expect(epochs(node)).toEqual([EPOCH, EPOCH + 1]);
    expect(presses(node)).toHaveLength(1);
  });

  test('goes on to the last counter, then restarts whatever goes on; a button that is held counts as pressed', () => {
    const node = aged();
    node.button(true);
    node.run(500);
    node.spend(LAST - 3);
    for (let times = 0; times < 8; times++) {
      node.point(times % 2 === 0);
      node.run(300);
    }
    const counters = node.frames.filter(({ epoch }) => epoch === EPOCH).map(({ counter }) => counter);
    // On a shared line the firmware restarts before its last frame leaves, if that waits.
    expect(Math.max(...counters)).toBeGreaterThanOrEqual(LAST - 1);
    expect(Math.max(...counters)).toBeLessThanOrEqual(LAST);
    expect(counters.every((counter) => counter > 0)).toBe(true);
    expect(epochs(node)).toEqual([EPOCH, EPOCH + 1]);
    expect(presses(node).map(({ epoch }) => epoch)).toEqual([EPOCH, EPOCH + 1]);
    expect(node.offences).toEqual([]);
  });
});
