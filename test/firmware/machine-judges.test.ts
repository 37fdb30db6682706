import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { NANO } from '../../device-sim/firmware/node-pins.ts';
import { nodeAesCcm } from '../../device-sim/nodes/node-aes-ccm.ts';
import { parseFrame, sealFrame } from '../../protocol/button-bus/frame.ts';
import type { DownMessage } from '../../protocol/button-bus/message.ts';
import { readVectors } from '../vectors/button-bus-vector-file.ts';
import { isImageMissing, KEY, SETTINGS, storageOf } from './image.ts';
import { type Heard, isSimavrMissing, runHere, type Stimulus, simavrJudge } from './judges.ts';
import { SESSION } from './node-rig.ts';

const EPOCH = 5;
/** The repeats of the two differ by the noise in their first random number, and by a few cycles. */
const FIRST_TOLERANCE_MS = 55;
const AFTER_MS = 200;

/** First sendings, by their counters. Repeats come at random times. */
function firsts(frames: readonly Heard[]): Map<number, Heard> {
  const found = new Map<number, Heard>();
  for (const frame of frames) {
    const parsed = parseFrame(Buffer.from(frame.wire.slice(2, -2), 'hex'));
    if (!parsed.ok) throw new Error(parsed.fault);
    const first = found.get(parsed.frame.header.counter);
    if (first === undefined) found.set(parsed.frame.header.counter, frame);
    else expect(frame.wire).toBe(first.wire);
  }
  return found;
}

let counter = 0;
function told(message: DownMessage): string {
  counter += 1;
  const header = { address: SETTINGS.address, epoch: SESSION, counter };
  return Buffer.from(sealFrame(nodeAesCcm, KEY, header, message)).toString('hex');
}
const ack = (of: number, status: 'heard' | 'accepted') => told({ type: 'ack', nodeEpoch: EPOCH, counter: of, status });

/** A hello and a heartbeat have the first two counters, and a poll takes one each. */
const polls = Array.from({ length: 39 }, () => told({ type: 'poll', nodeEpoch: EPOCH }));
const refused = readVectors().filter(({ expect: outcome }) => outcome !== 'ok');

const PRESS_SINGLE = readVectors()
  .find(({ name }) => name === 'press-single')
  ?.value('wire');

const SCRIPTS: Readonly<Record<string, readonly Stimulus[]>> = {
  'a press that nobody answers': [
    [1_500, 'button', 0, true],
    [1_700, 'button', 0, false],
  ],
  'a press that is accepted, points, the cover and a poll': [
    [1_000, 'hear', ack(1, 'heard')],
    [1_100, 'hear', ack(2, 'heard')],
    [1_500, 'button', 1, true],
    [1_550, 'hear', ack(3, 'accepted')],
    [1_750, 'button', 1, false],
    [2_000, 'point', 0, true],
    [2_200, 'cover', false],
    [2_400, 'point', 0, false],
    [2_600, 'hear', told({ type: 'poll', nodeEpoch: 0xffff_ffff })],
  ],
  'every vector that no node obeys': refused.map(
    (vector, at) => [1_000 + at * 10, 'hear', vector.value('wire')] as const,
  ),
  'the vector press-single': [
    ...polls.map((wire, at) => [700 + at * 60, 'hear', wire] as const),
    [3_100, 'button', 3, true],
    [4_335, 'button', 3, false],
  ],
};

describe.skipIf(isImageMissing() || isSimavrMissing)('two emulators that share no code', () => {
  let judge: ReturnType<typeof simavrJudge>;
  beforeAll(() => {
    judge = simavrJudge();
  });
  afterAll(() => judge.end());

  test.each(Object.entries(SCRIPTS))('send the same bytes for %s', (name, script) => {
    const storage = () => storageOf({ buttons: NANO.buttons.length }, EPOCH - 1);
    const endMs = AFTER_MS + (script.at(-1)?.[0] ?? 0);
    const here = firsts(runHere(storage(), script, endMs));
    const there = firsts(judge.run(storage(), script, endMs));
    expect(here.size).toBeGreaterThanOrEqual(2);
    expect([...here.keys()]).toEqual([...there.keys()]);
    if (name === 'the vector press-single') expect(there.get(42)?.wire).toBe(PRESS_SINGLE);
    for (const [number, frame] of here) {
      const other = there.get(number);
      expect(other?.wire).toBe(frame.wire);
      expect(Math.abs((other?.atMs ?? 0) - frame.atMs)).toBeLessThan(FIRST_TOLERANCE_MS);
    }
  });
});
