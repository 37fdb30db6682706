import { ATMEGA328P, ATMEGA1284P, type ChipKind } from './avr-chip-kinds.ts';

/** A pin: the letter of its port, and its bit. */
export type Pin = readonly [port: string, bit: number];

/** A board that the firmware is built for, as hardware/node/avr/board.h connects it. */
export interface BoardKind {
  readonly name: string;
  readonly chip: ChipKind;
  readonly hz: number;
  /** As hardware/node/avr/line.c computes which are near enough at its clock. */
  readonly baudRates: readonly number[];
  readonly driverEnable: Pin;
  readonly receiverDisable: Pin;
  readonly rxd: Pin;
  readonly jumper: Pin;
  readonly buttons: readonly Pin[];
  readonly points: readonly Pin[];
  readonly cover: Pin;
  readonly red: Pin;
  readonly green: Pin;
  readonly buzzer: Pin;
  /** Channel at which the supply is measured, behind a divider 1:11. */
  readonly supplyChannel: number;
}

const BAUD_RATES = [9_600, 19_200, 38_400, 57_600, 115_200];

const WIRED_328P = {
  chip: ATMEGA328P,
  driverEnable: ['D', 2],
  receiverDisable: ['D', 3],
  rxd: ['D', 0],
  jumper: ['D', 4],
  buttons: [
    ['D', 5],
    ['D', 6],
    ['D', 7],
    ['B', 0],
  ],
  points: [
    ['C', 0],
    ['C', 1],
    ['C', 2],
  ],
  cover: ['C', 3],
  red: ['B', 1],
  green: ['B', 2],
  buzzer: ['B', 3],
  supplyChannel: 6,
} as const;

export const NANO: BoardKind = { ...WIRED_328P, name: 'nano-328p-16mhz', hz: 16_000_000, baudRates: BAUD_RATES };
export const PRO_MINI: BoardKind = {
  ...WIRED_328P,
  name: 'promini-328p-8mhz',
  hz: 8_000_000,
  baudRates: BAUD_RATES.slice(0, -1),
};
export const BOARD_1284P: BoardKind = {
  name: '1284p-16mhz',
  chip: ATMEGA1284P,
  hz: 16_000_000,
  baudRates: BAUD_RATES,
  driverEnable: ['B', 0],
  receiverDisable: ['B', 1],
  rxd: ['D', 0],
  jumper: ['B', 2],
  buttons: [
    ['A', 0],
    ['A', 1],
    ['A', 2],
    ['A', 3],
  ],
  points: [
    ['A', 4],
    ['A', 5],
    ['A', 6],
  ],
  cover: ['C', 3],
  red: ['C', 0],
  green: ['C', 1],
  buzzer: ['C', 2],
  supplyChannel: 7,
};
