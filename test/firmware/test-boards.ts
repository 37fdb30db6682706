import { BOARD_1284P, type BoardKind, type Pin } from '../../device-sim/firmware/node-pins.ts';

/** hardware/node/avr/pins_16.h: sixteen contacts of one kind, and a few of the other. */
const MANY: readonly Pin[] = [
  ...[0, 1, 2, 3, 4, 5, 6].map((bit) => ['A', bit] as const),
  ...[3, 4, 5, 6, 7].map((bit) => ['B', bit] as const),
  ...[4, 5, 6, 7].map((bit) => ['C', bit] as const),
];
const FEW: readonly Pin[] = [2, 3, 4].map((bit) => ['D', bit] as const);

export const SIXTEEN_BUTTONS: BoardKind = { ...BOARD_1284P, name: 'test-buttons', buttons: MANY, points: FEW };
export const SIXTEEN_POINTS: BoardKind = { ...BOARD_1284P, name: 'test-points', buttons: FEW, points: MANY };
