import { describe, expect, test } from 'vitest';
import { seededRandom } from '../../device-sim/random.ts';
import { isImageMissing, machine, storageOf } from './image.ts';
import { NodeRig } from './node-rig.ts';

const EPOCH = 7;
/** Half a second after the reset the epoch is written, in 28 ms (section 6). */
const EPOCH_WRITE_MS = 509;

/** Starts a node on this memory, and cuts its power after some time. */
function startAndCut(storage: Uint8Array, cutMs: number, seed: number): NodeRig {
  const rig = new NodeRig(machine(storage, { seed }));
  rig.machine.switchOn();
  rig.run(cutMs);
  rig.machine.switchOff();
  return rig;
}

describe.skipIf(isImageMissing())('a node whose power fails', () => {
  test('at each instant of the epoch’s write starts with an epoch that is higher than any it ever sent', () => {
    const storage = storageOf({}, EPOCH - 1);
    let highest = 0;
    let cutBytes = 0;
    const epochs = (rig: NodeRig) => {
      for (const { epoch } of rig.frames) {
        expect(epoch).toBeGreaterThan(highest);
        break;
      }
      highest = Math.max(highest, ...rig.frames.map(({ epoch }) => epoch));
    };
    for (let step = 0; step < 160; step++) {
      const rig = new NodeRig(machine(storage, { seed: step }));
      rig.machine.switchOn();
      rig.run(EPOCH_WRITE_MS + step * 0.2);
      if (rig.machine.chip.eeprom.programming !== undefined) cutBytes += 1;
      epochs(rig);
      rig.machine.switchOff();
      if (step % 10 === 9) epochs(startAndCut(storage, 800, 1_000 + step));
    }
    // The cuts met the write, and not only the time before and after it.
    expect(cutBytes).toBeGreaterThan(60);
    expect(highest).toBeGreaterThan(EPOCH);
  });

  test('in the midst of a press presses again when it comes back, under the next epoch', () => {
    const storage = storageOf({}, EPOCH - 1);
    const rig = new NodeRig(machine(storage));
    rig.answers = 'nothing';
    rig.machine.switchOn();
    rig.run(1_000);
    rig.machine.button(0, true);
    rig.runUntil(() => rig.of('press').length > 1);
    rig.machine.switchOff();
    rig.run(50);
    rig.machine.switchOn();
    rig.run(1_000);
    expect([...new Set(rig.of('press').map(({ epoch }) => epoch))]).toEqual([EPOCH, EPOCH + 1]);
  });

  test('while a frame leaves sends no damaged frame later, and releases the line', () => {
    const rig = new NodeRig(machine(storageOf({}, EPOCH - 1)));
    rig.machine.switchOn();
    rig.runUntil(() => rig.machine.isDriving);
    rig.machine.switchOff();
    expect(rig.machine.isDriving).toBe(false);
  });

  test('for an instant (brown-out) starts again as after a loss of power', () => {
    const rig = new NodeRig(machine(storageOf({}, EPOCH - 1)));
    rig.machine.switchOn();
    rig.run(1_000);
    rig.machine.brownOut();
    rig.run(2_000);
    expect([...new Set(rig.of('hello').map(({ epoch }) => epoch))]).toEqual([EPOCH, EPOCH + 1]);
    expect(rig.isListening(EPOCH + 1)).toBe(true);
  });

  test('again and again, faster than it can start, writes its memory not once', () => {
    const storage = storageOf({}, EPOCH - 1);
    const before = Uint8Array.from(storage);
    const random = seededRandom(3);
    for (let time = 0; time < 50; time++) startAndCut(storage, random() * 500, time);
    expect(storage).toEqual(before);
  });

  test('and whose memory is empty sends nothing, and shows the fault', () => {
    const rig = new NodeRig(machine(new Uint8Array(1_024).fill(0xff)));
    rig.machine.switchOn();
    rig.run(5_000);
    expect(rig.frames).toEqual([]);
    expect(rig.shown.some(({ shown }) => shown.colour === 'red')).toBe(true);
  });
});
