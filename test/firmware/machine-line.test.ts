import { describe, expect, test } from 'vitest';
import { SharedLine } from '../../device-sim/firmware/shared-line.ts';
import { garbage } from '../../device-sim/nodes/line-faults.ts';
import { nodeAesCcm } from '../../device-sim/nodes/node-aes-ccm.ts';
import { randomBelow, seededRandom } from '../../device-sim/random.ts';
import { openFrame, parseFrame, sealFrame } from '../../protocol/button-bus/frame.ts';
import { FrameScanner } from '../../protocol/button-bus/frame-scanner.ts';
import { isImageMissing, KEY, machine, storageOf } from './image.ts';
import { NodeRig, SESSION } from './node-rig.ts';

const ADDRESS = 10;
/** One character at 115200 Bd. */
const BABBLE_PAUSE_MS = 0.087;

/** Nodes on one line, with a gateway that answers every frame at once. */
/** @param spread by how much the clock of each node is faster than the one before it, as a share */
function answeredLine(count: number, seed: number, spread = 0.002) {
  const machines = Array.from({ length: count }, (_, at) => {
    const storage = storageOf({ address: ADDRESS + at, isSharedLine: true }, 0);
    return machine(storage, { seed: seed * 100 + at, clockError: (at - count / 2) * spread });
  });
  const presses: string[] = [];
  const scanner = new FrameScanner();
  let counter = 0;
  const hear = (body: Uint8Array, atMs: number) => {
    const parsed = parseFrame(body);
    const message = parsed.ok ? openFrame(nodeAesCcm, KEY, parsed.frame) : undefined;
    if (!parsed.ok || message === undefined) return;
    const { header } = parsed.frame;
    const id = `${header.address}.${header.counter}`;
    if (message.type === 'press' && !presses.includes(id)) presses.push(id);
    counter += 1;
    const status = message.type === 'press' ? 'accepted' : 'heard';
    const ack = { type: 'ack', nodeEpoch: header.epoch, counter: header.counter, status } as const;
    line.send(sealFrame(nodeAesCcm, KEY, { address: header.address, epoch: SESSION, counter }, ack), atMs);
  };
  const line: SharedLine = new SharedLine({
    baudRate: 115_200,
    machines,
    random: seededRandom(seed),
    onByte: (byte, atMs) =>
      scanner.push(
        Uint8Array.of(byte),
        (body) => hear(body, atMs),
        () => undefined,
      ),
  });
  return { line, machines, presses };
}

describe.skipIf(isImageMissing())('a shared line', () => {
  test.each([2, 3, 5, 8])(
    '%i nodes that are pressed in the same instant are all heard, once each, and show it',
    (count) => {
      const { line, machines, presses } = answeredLine(count, count);
      for (const each of machines) each.switchOn();
      line.runUntil(5_000);
      for (const each of machines) each.runUntil(5_000);
      for (const each of machines) each.button(0, true);
      line.runUntil(9_000);
      expect([...presses].map((id) => Number(id.split('.')[0]) - ADDRESS).sort()).toEqual([...machines.keys()]);
      expect(machines.map(({ shown }) => shown.colour)).toEqual(machines.map(() => 'green'));
      expect(machines.flatMap(({ offences }) => offences)).toEqual([]);
    },
  );

  test.each([2, 3, 8])('%i nodes that collide, because they are in step, are all heard after that', (count) => {
    const { line, machines, presses } = answeredLine(count, count, 0);
    for (const each of machines) each.switchOn();
    line.runUntil(2_000);
    for (const each of machines) each.runUntil(2_000);
    const before = line.collisions;
    for (const each of machines) each.button(0, true);
    line.runUntil(2_030);
    // Not one of the frames came through.
    expect(line.collisions).toBeGreaterThan(before + 20 * count);
    expect(presses).toEqual([]);
    line.runUntil(6_000);
    expect([...presses].map((id) => Number(id.split('.')[0]) - ADDRESS).sort()).toEqual([...machines.keys()]);
    expect(machines.map(({ shown }) => shown.colour)).toEqual(machines.map(() => 'green'));
    expect(machines.flatMap(({ offences }) => offences)).toEqual([]);
  });

  test('that is never free holds a press back for 100 ms, and anything else until it is free', () => {
    const rig = new NodeRig(machine(storageOf({ isSharedLine: true }, 4)));
    rig.machine.switchOn();
    rig.run(2_000);
    const startMs = rig.machine.nowMs;
    const before = rig.frames.length;
    rig.machine.button(0, true);
    rig.machine.point(0, true);
    // A node that babbles leaves less than the three characters after which the line is free.
    while (rig.machine.nowMs < startMs + 300) rig.machine.runUntil(rig.hear(Uint8Array.of(0x55)) + BABBLE_PAUSE_MS);
    const [press, ...others] = rig.frames.slice(before);
    expect(press?.message).toMatchObject({ type: 'press', button: 0 });
    // It is debounced, waits, and is sent.
    expect((press?.atMs ?? 0) - startMs).toBeGreaterThan(100);
    expect((press?.atMs ?? 0) - startMs).toBeLessThan(6 + 100 + 10);
    expect(others.filter(({ message }) => message.type !== 'press')).toEqual([]);
    rig.runUntil(() => rig.of('point').length > 0);
    expect(rig.machine.offences).toEqual([]);
  });
});

describe.skipIf(isImageMissing())('noise', () => {
  test.each([1, 2, 3, 4])('between frames and in them never stops a node, seed %i', (seed) => {
    const random = seededRandom(seed);
    const rig = new NodeRig(machine(storageOf({}, 4)));
    rig.machine.switchOn();
    rig.run(1_000);
    for (let turn = 0; turn < 40; turn++) {
      const noise = garbage(1 + randomBelow(random, 150), random);
      rig.machine.runUntil(rig.hear(noise) + random() * 2);
      expect(rig.isListening(5)).toBe(true);
    }
    expect(rig.machine.offences).toEqual([]);
  });

  test('of a line that is damaged in every byte raises no press and lights nothing', () => {
    const rig = new NodeRig(machine(storageOf({}, 4)));
    rig.machine.switchOn();
    rig.run(1_000);
    const random = seededRandom(9);
    const [presses, shown] = [rig.of('press').length, rig.shown.length];
    for (let turn = 0; turn < 20; turn++) rig.machine.runUntil(rig.hear(garbage(500, random)));
    expect([rig.of('press').length, rig.shown.length]).toEqual([presses, shown]);
  });
});
