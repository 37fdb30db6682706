import { bytesToHex } from '../bytes.ts';

/** What the installer sets at a wall node: `hardware/node/core/settings.h`. */
export interface NodeSettings {
  readonly key: Uint8Array;
  /** 16 hex digits, as printed. */
  readonly serial: string;
  /** 1…254. */
  readonly address: number;
  /** How many, from number 0 on. */
  readonly buttons: number;
  readonly points: number;
  /** Buttons that distinguish a long press. */
  readonly longPress: readonly number[];
  /** Points whose contact is closed in its normal state. */
  readonly normallyClosed: readonly number[];
  /** Buttons for whose presses nothing is shown or sounded. */
  readonly silent: readonly number[];
  readonly heartbeatSeconds: number;
  readonly baudRate: number;
  /** 0: no battery. */
  readonly lowBatteryMillivolts: number;
  /** RS-485: other nodes send on the line, too. */
  readonly sharedLine: boolean;
  readonly buzzer: boolean;
}

interface SettingLine {
  readonly name: string;
  readonly value: string;
  /** What the node answers. Of the key it answers only the check value. */
  readonly answer: string;
}

/** @param keyCheckValue of `settings.key`: six hex digits in capitals */
export function settingLines(settings: NodeSettings, keyCheckValue: string): readonly SettingLine[] {
  const plain: readonly (readonly [name: string, value: string])[] = [
    ['serial', settings.serial.toUpperCase()],
    ['address', String(settings.address)],
    ['buttons', String(settings.buttons)],
    ['points', String(settings.points)],
    ['long-press', numbers(settings.longPress)],
    ['normally-closed', numbers(settings.normallyClosed)],
    ['silent', numbers(settings.silent)],
    ['heartbeat', String(settings.heartbeatSeconds)],
    ['baud', String(settings.baudRate)],
    ['low-battery', String(settings.lowBatteryMillivolts)],
    ['shared-line', yesNo(settings.sharedLine)],
    ['buzzer', yesNo(settings.buzzer)],
  ];
  return [
    { name: 'key', value: bytesToHex(settings.key), answer: `check ${keyCheckValue}` },
    ...plain.map(([name, value]) => ({ name, value, answer: value })),
  ];
}

/** In the order in which they are shown. */
export const SETTING_NAMES: readonly string[] = [
  'address',
  'serial',
  'key',
  'buttons',
  'points',
  'long-press',
  'normally-closed',
  'silent',
  'heartbeat',
  'baud',
  'low-battery',
  'shared-line',
  'buzzer',
];

function numbers(list: readonly number[]): string {
  return list.length === 0 ? 'none' : [...list].sort((a, b) => a - b).join(',');
}

function yesNo(value: boolean): string {
  return value ? 'yes' : 'no';
}
