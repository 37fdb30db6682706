import { describe, expect, test } from 'vitest';
import { BOARD_1284P, NANO, PRO_MINI } from '../../device-sim/firmware/node-pins.ts';
import { isImageMissing, machine, storageOf } from './image.ts';
import { NodeRig } from './node-rig.ts';

describe.each([NANO, PRO_MINI, BOARD_1284P])('the board $name', (board) => {
  test.skipIf(isImageMissing(board))('sends a press within 25 ms, and what its points and its cover are', () => {
    const rig = new NodeRig(machine(storageOf({ buttons: 4, baudRate: 38_400 }, 0, board), { board }));
    rig.answers = 'nothing';
    rig.machine.switchOn();
    rig.run(1_000);
    const pressedMs = rig.machine.nowMs;
    rig.machine.button(3, true);
    rig.machine.point(2, true);
    rig.machine.cover(false);
    rig.runUntil(() => rig.of('press').length > 0 && rig.of('point').length > 0);
    expect(rig.of('press')[0]).toMatchObject({ message: { button: 3, pattern: 'single' } });
    expect((rig.of('press')[0]?.atMs ?? Infinity) - pressedMs).toBeLessThan(25);
    expect(rig.of('point')[0]).toMatchObject({ message: { point: 2, active: true } });
    expect(rig.machine.offences).toEqual([]);
  });
});
