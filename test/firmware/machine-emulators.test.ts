import { afterAll, describe, expect, test } from 'vitest';
import { NANO } from '../../device-sim/firmware/node-pins.ts';
import { avr8js, type Emulator, type SentFrame, Simavr, type Step } from './emulators.ts';
import { isImageMissing, storageOf } from './image.ts';
import { isSimavrMissing } from './simavr.ts';
import { EPOCH, opened, Told } from './vector-scripts.ts';

/**
 * simavr sends a parity bit that is not there, so a frame is longer there, and frames that wait for
 * each other come in another order.
 */
const TOLERANCE_MS = 55;
const AFTER_MS = 3_000;

function accepted(): Step[] {
  const told = new Told();
  return [
    told.ack(1_000, 1),
    told.ack(1_100, 2),
    [1_500, 'button', 1, true],
    told.ack(1_550, 3, 'accepted'),
    [1_750, 'button', 1, false],
    [2_000, 'point', 0, true],
    [2_200, 'cover', false],
    [2_400, 'point', 0, false],
    told.poll(2_600),
  ];
}

const SCRIPTS: Readonly<Record<string, readonly Step[]>> = {
  'a press that nobody answers': [
    [1_500, 'button', 0, true],
    [1_700, 'button', 0, false],
  ],
  'a press that is accepted, points, the cover and a poll': accepted(),
};

describe.skipIf(isImageMissing() || isSimavrMissing)('two emulators that share no code', () => {
  const simavr = new Simavr();
  afterAll(() => simavr.end());

  test.each(Object.entries(SCRIPTS))('send and show the same for %s', (_name, script) => {
    const of = (emulator: Emulator) =>
      emulator.run(NANO, storageOf({ buttons: NANO.buttons.length }, EPOCH - 1), script, AFTER_MS);
    const [here, there] = [of(avr8js), of(simavr)];
    const [first, other] = [firsts(here.frames), firsts(there.frames)];
    expect(first.size).toBeGreaterThanOrEqual(4);
    expect([...other.keys()]).toEqual([...first.keys()]);
    expect(there.shown.map(({ colour }) => colour)).toEqual(here.shown.map(({ colour }) => colour));
    for (const [counter, { atMs, wire }] of first) {
      expect(other.get(counter)?.wire).toBe(wire);
      expect(Math.abs((other.get(counter)?.atMs ?? Infinity) - atMs)).toBeLessThan(TOLERANCE_MS);
    }
  });
});

/** First sendings, by their counters. A repeat is the same bytes. */
function firsts(frames: readonly SentFrame[]): Map<number, SentFrame> {
  const found = new Map<number, SentFrame>();
  for (const frame of frames) {
    const { counter } = opened(frame);
    const first = found.get(counter);
    if (first === undefined) found.set(counter, frame);
    else expect(frame.wire).toBe(first.wire);
  }
  return found;
}
