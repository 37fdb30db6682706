import { describe, expect, test } from 'vitest';
import { seededRandom } from '../../device-sim/random.ts';
import { isImageMissing, machine, storageOf } from './image.ts';
import { NodeRig } from './node-rig.ts';

const EPOCH = 7;
/** Half a second after the reset the epoch is written, in 28 ms (section 6). */
const EPOCH_WRITE_MS = 509;
const SLOT_BYTES = 8;
const PRESS_MS = 14;
const BROWN_OUTS = 40;

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
    const cutBytes = new Set<number>();
    let cuts = 0;
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
      const { programming } = rig.machine.chip.eeprom;
      if (programming !== undefined) {
        cuts += 1;
        cutBytes.add(programming % SLOT_BYTES);
      }
      epochs(rig);
      rig.machine.switchOff();
      if (step % 10 === 9) epochs(startAndCut(storage, 800, 1_000 + step));
    }
    // The cuts met the write, and not only the time before and after it.
    expect(cuts).toBeGreaterThan(60);
    // Each byte of a slot: the epoch, its CRC, and the mark.
    expect([...cutBytes].sort()).toEqual([0, 1, 2, 3, 4, 5, 7]);
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

  test.each([0, 1, 2, 7, 20, 33, 40])(
    'after %i bytes of a frame releases the line, and sends only whole frames later',
    (bytes) => {
      const one = machine(storageOf({ isSharedLine: true }, EPOCH - 1));
      one.switchOn();
      let sent = 0;
      one.onByte = () => {
        sent += 1;
      };
      while (!one.isDriving || sent < bytes) one.runUntil(one.nowMs + 0.02);
      one.switchOff();
      expect(one.isDriving).toBe(false);
      one.runUntil(one.nowMs + 50);
      expect(sent).toBeLessThanOrEqual(bytes + 1);
      // A rig throws at a damaged frame; here is none but the one that was cut.
      const rig = new NodeRig(one);
      one.switchOn();
      rig.run(1_500);
      expect(rig.frames.map(({ message }) => message.type)).toEqual(['hello', 'heartbeat']);
      expect(rig.frames.map(({ epoch, counter }) => [epoch, counter])).toEqual([
        [EPOCH + 1, 1],
        [EPOCH + 1, 2],
      ]);
      // Its delimiter ends what was cut.
      expect(rig.frames[0]?.wire).toMatch(/^00/);
      expect(one.offences).toEqual([]);
    },
  );

  test('for an instant (brown-out) starts again as after a loss of power', () => {
    const rig = new NodeRig(machine(storageOf({}, EPOCH - 1)));
    rig.machine.switchOn();
    rig.run(1_000);
    rig.machine.brownOut();
    rig.run(2_000);
    expect([...new Set(rig.of('hello').map(({ epoch }) => epoch))]).toEqual([EPOCH, EPOCH + 1]);
    expect(rig.isListening(EPOCH + 1)).toBe(true);
  });

  test('for an instant at any instruction of a press presses again, and never sends other bytes under a counter', () => {
    const random = seededRandom(5);
    const wires = new Map<string, string>();
    const epochs = new Set<number>();
    for (let time = 0; time < BROWN_OUTS; time++) {
      const rig = new NodeRig(machine(storageOf({}, EPOCH - 1)));
      rig.answers = 'nothing';
      rig.machine.switchOn();
      rig.run(900);
      rig.machine.button(0, true);
      // Debouncing, sealing, sending: about 10 ms, of which each instruction is as likely as any.
      rig.run(PRESS_MS * random());
      rig.machine.brownOut();
      const before = rig.frames.length;
      const again = new NodeRig(rig.machine);
      again.answers = 'nothing';
      again.run(900);
      expect(new Set(again.frames.map(({ epoch }) => epoch))).toEqual(new Set([EPOCH + 1]));
      expect(again.of('press')[0]).toMatchObject({ message: { button: 0, pattern: 'single' } });
      for (const { epoch, counter, wire } of [...rig.frames.slice(0, before), ...again.frames]) {
        const id = `${time} ${epoch} ${counter}`;
        expect(wires.get(id) ?? wire).toBe(wire);
        wires.set(id, wire);
      }
      for (const { epoch } of rig.of('press')) epochs.add(epoch);
      expect(rig.machine.offences).toEqual([]);
    }
    // Some came before the press had left, and some after it.
    expect([...epochs]).toEqual([EPOCH]);
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
