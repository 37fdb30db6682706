import type { NotUnderstood, Readings } from '../../core/signal.ts';
import type { Message } from './message.ts';
import { isAmong } from './payload.ts';
import type { MqttBattery } from './settings.ts';
import { memberName } from './sources.ts';

type BatteryState = Pick<Readings, 'batteryPercent' | 'lowBattery'>;

/** What devices and bridges say besides the configured words. */
const LOW = ['low', 'critical', 'empty'];
const NORMAL = ['normal', 'ok', 'good', 'medium', 'high', 'full'];
/** Not measured yet. */
const NOTHING = ['', 'unknown', 'unavailable', 'none', 'null', 'n/a', 'nan'];
const PERCENT = /^(\d{1,3}(?:\.\d+)?) ?%?$/;

/**
 * What the message says about the battery; nothing if it says none of it. A number is a percentage:
 * 0.5 is not half full, because Zigbee counts half percents.
 */
export function batteryIn(battery: MqttBattery, message: Message): BatteryState | NotUnderstood {
  const state = stateIn(battery, message.textsOf(battery).at(-1)?.trim() ?? '');
  const flag = flagIn(battery, message);
  if (flag === undefined || 'type' in state) return state;
  return flag || state.lowBattery === undefined ? { ...state, lowBattery: flag } : state;
}

function stateIn(battery: MqttBattery, text: string): BatteryState | NotUnderstood {
  const { low = [], normal = [] } = battery;
  if (isAmong(low, text)) return { lowBattery: true };
  if (isAmong(normal, text)) return { lowBattery: false };
  // A number first: most messages have one, and a press is in some of them.
  const percent = Number(PERCENT.exec(text)?.[1] ?? Number.NaN);
  if (percent <= 100) return { batteryPercent: percent, lowBattery: percent < battery.lowPercent };
  if (isAmong(NOTHING, text)) return {};
  if (isAmong(LOW, text)) return { lowBattery: true };
  if (isAmong(NORMAL, text)) return { lowBattery: false };
  return { type: 'notUnderstood', of: 'battery', member: memberName(battery), value: text };
}

/**
 * Beside a percentage, or in place of it, devices have a flag: `battery_low` beside `battery`
 * (zigbee2mqtt.io, "Exposes"). If either says that the battery is low, it is.
 */
function flagIn({ path, ...battery }: MqttBattery, message: Message): boolean | undefined {
  const member = path.at(-1);
  if (member === undefined) return undefined;
  const text = message.textsOf({ ...battery, path: [...path.slice(0, -1), `${member}_low`] }).at(-1);
  if (text === undefined) return undefined;
  if (isAmong(['true', '1', 'on', ...LOW], text)) return true;
  return isAmong(['false', '0', 'off', ...NORMAL], text) ? false : undefined;
}
