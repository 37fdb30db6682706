import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { framed } from '../vectors/button-bus-reference.ts';
import { core } from './core-library.ts';

const [OK, UNREADABLE, UNWRITABLE, SPENT] = [0, 1, 2, 3];
const NEVER_CUT = -1;
/** More than the writes of one start. */
const WRITES_MAX = 10;

const memory = new Uint8Array(core.memory()).subarray(0, 256);

/** Starts once. The power is cut in this write of it, which leaves this byte behind. */
function start(writes = NEVER_CUT, torn = 0): { readonly result: number; readonly epoch: number } {
  const epoch: [number] = [0];
  core.power(writes, torn);
  const result = core.epochNext(epoch);
  const wasCut = core.isCut();
  core.power(NEVER_CUT, 0);
  // What the node would have done after the cut, it did not do.
  return wasCut ? { result: -1, epoch: 0 } : { result, epoch: epoch[0] };
}

function used(count: number): number {
  core.epochPrepare();
  let last = 0;
  for (let i = 0; i < count; i++) last = start().epoch;
  return last;
}

beforeEach(() => {
  core.power(NEVER_CUT, 0);
  core.wear(0, 0);
  memory.fill(0xff);
});

it.each([0xff, 0x00])('says that a memory full of %i is unreadable, and is usable after a new key', (byte) => {
  memory.fill(byte);
  expect(start().result).toBe(UNREADABLE);
  expect(core.epochPrepare()).toBe(true);
  expect(start()).toEqual({ result: OK, epoch: 1 });
});

it('rises by one at each start, over all its slots and around', () => {
  core.epochPrepare();
  for (let epoch = 1; epoch <= 100; epoch++) expect(start()).toEqual({ result: OK, epoch });
});

it('never lowers an epoch for a new key', () => {
  const last = used(40);
  expect(core.epochPrepare()).toBe(true);
  expect(start().epoch).toBe(last + 1);
});

describe.each([0x00, 0xff, 0xa5, 0x5a, 0x01])('a power cut that leaves %i in the byte being written', (torn) => {
  it.each([1, 2, 31, 32, 33, 70, 255, 256, 257])(
    'at any byte of the start after epoch %i never leads back',
    (count) => {
      for (let writes = 0; writes < WRITES_MAX; writes++) {
        memory.fill(0xff);
        const last = used(count);
        start(writes, torn);
        const next = start();
        expect(next.result).toBe(OK);
        // The cut start never sent: its epoch may be used, or lost.
        expect([last + 1, last + 2]).toContain(next.epoch);
      }
    },
  );

  it('while a new key is prepared leaves a memory that is prepared the next time', () => {
    for (let writes = 0; writes < WRITES_MAX; writes++) {
      memory.fill(0xff);
      core.power(writes, torn);
      core.epochPrepare();
      core.power(NEVER_CUT, 0);
      expect(core.epochPrepare()).toBe(true);
      expect(start()).toEqual({ result: OK, epoch: 1 });
    }
  });
});

it('is higher at each start than ever before, through any row of cuts', () => {
  const cut = fc.record({ writes: fc.integer({ min: -1, max: WRITES_MAX }), torn: fc.integer({ min: 0, max: 255 }) });
  fc.assert(
    fc.property(fc.array(cut, { minLength: 1, maxLength: 100 }), (cuts) => {
      memory.fill(0xff);
      let highest = used(3);
      for (const { writes, torn } of cuts) {
        const { result, epoch } = start(writes, torn);
        if (result === -1) continue;
        expect(result).toBe(OK);
        expect(epoch).toBeGreaterThan(highest);
        expect(epoch).toBeLessThanOrEqual(highest + cuts.length + 1);
        highest = epoch;
      }
    }),
    { numRuns: 200 },
  );
});

it('passes over worn slots, and says when none can be written', () => {
  const last = used(5);
  core.wear(6 * 8, 9 * 8);
  expect(start()).toEqual({ result: OK, epoch: last + 1 });
  expect(start()).toEqual({ result: OK, epoch: last + 2 });
  core.wear(0, 255);
  expect(start().result).toBe(UNWRITABLE);
  core.wear(0, 0);
  expect(start()).toEqual({ result: OK, epoch: last + 3 });
});

it('uses FFFFFFFE, and then no other', () => {
  // Epoch FFFFFFFD in slot 0; its CRC is of another implementation, as the vectors prove that one.
  memory.set([0xfd, 0xff, 0xff, 0xff, ...crc([0xfd, 0xff, 0xff, 0xff]), 0xff, 0xa5]);
  expect(start()).toEqual({ result: OK, epoch: 0xffff_fffe });
  expect(start().result).toBe(SPENT);
});

function crc(bytes: readonly number[]): readonly number[] {
  const { raw } = framed(bytes);
  return raw.slice(-2);
}
