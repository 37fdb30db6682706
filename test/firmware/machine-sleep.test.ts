import { afterAll, describe, expect, test } from 'vitest';
import { PRO_MINI } from '../../device-sim/firmware/node-pins.ts';
import type { UpMessage } from '../../protocol/button-bus/message.ts';
import { Simavr } from './emulators.ts';
import { image, isImageMissing, machine, storageOf } from './image.ts';
import { NodeRig } from './node-rig.ts';
import { isSimavrMissing } from './simavr.ts';
import { opened } from './vector-scripts.ts';

const EPOCH = 5;
const BIT_MS = 1000 / 38_400;
const BEATS_MS = 600_000;

/** A node on a battery, at a line of its own, with a gateway that answers. */
function batteryRig({ watchdogError = 0, answers = 'heard' as NodeRig['answers'], flash = image(PRO_MINI) } = {}) {
  const storage = storageOf({ buttons: 4, baudRate: 38_400, lowBatteryMv: 2_700 }, EPOCH - 1, PRO_MINI);
  const rig = new NodeRig(machine(storage, { board: PRO_MINI, watchdogError, flash }), BIT_MS);
  rig.answers = answers;
  rig.machine.power({ chipMv: 3_600 });
  rig.machine.switchOn();
  return rig;
}

/** Runs until it has powered down, and into the midst of that sleep. */
function intoSleep(rig: NodeRig, ms: number): void {
  rig.runUntil(() => rig.machine.chip.isDown);
  rig.run(ms);
  expect(rig.machine.chip.isDown).toBe(true);
}

const battery = describe.skipIf(isImageMissing(PRO_MINI));

battery('a node on a battery', () => {
  // The data sheet's 10 % on both sides.
  test.each([-0.1, 0, 0.1])('is down nearly always, and its clock goes right all the same, watchdog %f', (error) => {
    const rig = batteryRig({ watchdogError: error });
    rig.run(BEATS_MS);
    const beats = rig.of('heartbeat').slice(1);
    expect(beats.length).toBeGreaterThanOrEqual(BEATS_MS / 30_000 - 1);
    for (const [at, { atMs }] of beats.entries()) {
      if (at === 0) continue;
      const gap = atMs - (beats[at - 1]?.atMs ?? 0);
      expect(gap).toBeGreaterThan(26_900);
      expect(gap).toBeLessThan(30_200);
    }
    const { message, atMs } = beats.at(-1) ?? expect.fail();
    // It counts from its first frame on.
    const awaited = (atMs - (rig.frames[0]?.atMs ?? 0)) / 1000;
    if (message.type === 'heartbeat') expect(Math.abs(message.uptimeSeconds - awaited)).toBeLessThan(2);
    const { slept, cpu } = rig.machine.chip;
    expect(slept.down / cpu.cycles).toBeGreaterThan(0.99);
    expect(rig.machine.offences).toEqual([]);
  });

  test('that is pressed in its sleep sends within 30 ms, stays awake until it is accepted, and measures the hold', () => {
    const rig = batteryRig();
    // So the watchdog's period ends while the button is held.
    intoSleep(rig, 7_000);
    const pressedMs = rig.machine.nowMs;
    rig.machine.button(2, true);
    rig.run(1_505);
    rig.machine.button(2, false);
    rig.run(500);
    const [press] = rig.of('press');
    expect((press?.atMs ?? Infinity) - pressedMs).toBeLessThan(30);
    expect(rig.of('release')[0]?.message).toMatchObject({ button: 2, heldMs: 1_500 });
    // It is heard, and not accepted: the status may come at any time.
    rig.run(1_000);
    expect(rig.machine.chip.isDown).toBe(false);
    const { counter = 0, epoch = 0 } = press ?? {};
    rig.tell({ type: 'ack', nodeEpoch: epoch, counter, status: 'accepted' });
    rig.run(20);
    expect(rig.machine.shown.colour).toBe('green');
    // Green for a minute.
    intoSleep(rig, 100);
    expect(rig.machine.nowMs - pressedMs).toBeGreaterThan(60_000);
  });

  test('takes a push of 30 ms at any time of its sleep, and no bounce of 4 ms', () => {
    const rig = batteryRig({ answers: 'accepted' });
    const pushes = 12;
    for (let push = 0; push < pushes; push++) {
      intoSleep(rig, push * 700 + push);
      for (const ms of [4, 30]) {
        rig.machine.button(push % 4, true);
        rig.run(ms);
        rig.machine.button(push % 4, false);
        rig.run(200);
      }
      expect(rig.of('press').length).toBe(push + 1);
      // It is green for a minute.
      rig.run(59_000);
    }
    expect(rig.of('release').length).toBe(pushes);
  });

  test.each([
    ['a point', (rig: NodeRig) => rig.machine.point(1, true), 'point'],
    ['the cover', (rig: NodeRig) => rig.machine.cover(false), 'heartbeat'],
  ] as const)('tells of %s that changes in its sleep, and sleeps on', (_what, change, type) => {
    const rig = batteryRig();
    intoSleep(rig, 3_000);
    const [changedMs, before] = [rig.machine.nowMs, rig.of(type).length];
    change(rig);
    rig.run(80);
    expect(rig.of(type).length).toBe(before + 1);
    intoSleep(rig, 10);
    expect(rig.machine.nowMs - changedMs).toBeLessThan(6_000);
  });

  test('hears nothing in its sleep, and the answer to its next heartbeat makes it good', () => {
    const rig = batteryRig();
    intoSleep(rig, 3_000);
    const before = rig.frames.length;
    rig.tell({ type: 'silent', nodeEpoch: EPOCH, silent: true });
    rig.run(500);
    expect(rig.frames.length).toBe(before);
    // As the gateway does: the heartbeat says that it is not silent.
    rig.runUntil(() => rig.frames.length > before);
    rig.run(10);
    rig.tell({ type: 'silent', nodeEpoch: EPOCH, silent: true });
    rig.run(200);
    expect(rig.of('heartbeat').at(-1)?.message).toMatchObject({ silentMode: true });
    expect(rig.machine.offences).toEqual([]);
  });

  test('whose program hangs after a sleep is reset by the watchdog all the same', () => {
    const flash = image(PRO_MINI).slice();
    const rig = batteryRig({ flash });
    intoSleep(rig, 1_000);
    let resets = 0;
    rig.machine.chip.onReset = (cause) => {
      if (cause === 'watchdog') resets += 1;
    };
    // An endless loop where it wakes.
    const { cpu } = rig.machine.chip;
    cpu.progMem[cpu.pc] = 0xcfff;
    rig.run(17_000);
    expect(resets).toBe(1);
  });

  test('that no gateway answers sleeps between its repeats', () => {
    const rig = batteryRig({ answers: 'nothing' });
    rig.run(60_000);
    const { slept, cpu } = rig.machine.chip;
    expect(slept.down / cpu.cycles).toBeGreaterThan(0.8);
    expect(rig.frames.length).toBeGreaterThan(50);
  });

  test('that calls stays awake, and repeats its press as it would without sleep', () => {
    const rig = batteryRig();
    intoSleep(rig, 2_000);
    rig.answers = 'nothing';
    rig.machine.button(0, true);
    rig.run(100);
    rig.machine.button(0, false);
    rig.run(12_000);
    const presses = rig.of('press').map(({ atMs }) => atMs);
    const last = presses.slice(-3);
    for (const [at, atMs] of last.entries())
      if (at > 0) {
        expect(atMs - (last[at - 1] ?? 0)).toBeGreaterThan(1_960);
        expect(atMs - (last[at - 1] ?? 0)).toBeLessThan(2_460);
      }
  });
});

describe.skipIf(isImageMissing(PRO_MINI) || isSimavrMissing)(
  'a node on a battery in simavr, where timer 1 runs on in its sleep',
  () => {
    const simavr = new Simavr();
    afterAll(() => simavr.end());

    test('keeps the time, and is woken by a press', () => {
      const storage = storageOf({ baudRate: 38_400, lowBatteryMv: 2_700 }, EPOCH - 1, PRO_MINI);
      const { frames, shown } = simavr.run(PRO_MINI, storage, [[63_000, 'button', 0, true]], 1_000);
      const first = (type: UpMessage['type'], fromMs: number) =>
        frames.find((frame) => frame.atMs >= fromMs && opened(frame).type === type) ?? expect.fail(type);
      const beat = first('heartbeat', 0);
      const newBeat = frames.find((frame) => opened(frame).type === 'heartbeat' && frame.wire !== beat.wire);
      expect((newBeat?.atMs ?? 0) - beat.atMs).toBeGreaterThan(26_900);
      expect((newBeat?.atMs ?? 0) - beat.atMs).toBeLessThan(30_200);
      expect(first('press', 0).atMs).toBeGreaterThan(63_000);
      expect(first('press', 0).atMs).toBeLessThan(63_030);
      expect(shown.length).toBeGreaterThan(0);
    });
  },
);

battery('a node without a battery, or on a shared line', () => {
  test.each([
    { lowBatteryMv: 0, isSharedLine: false },
    { lowBatteryMv: 2_700, isSharedLine: true },
  ])('never powers down: others may speak to it at any time, %j', (changes) => {
    const storage = storageOf({ ...changes, baudRate: 38_400 }, EPOCH - 1, PRO_MINI);
    const rig = new NodeRig(machine(storage, { board: PRO_MINI }), BIT_MS);
    rig.machine.switchOn();
    rig.run(40_000);
    expect(rig.machine.chip.slept.down).toBe(0);
    expect(rig.isListening(EPOCH)).toBe(true);
  });
});
