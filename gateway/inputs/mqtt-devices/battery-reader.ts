import type { NotUnderstood, Readings } from '../../core/signal.ts';
import type { Message } from './message.ts';
import type { MqttBattery } from './settings.ts';
import { isAmong } from './words.ts';

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
  const text = message.textsOf(battery).at(-1)?.trim() ?? '';
  const { low = [], normal = [] } = battery;
  if (isAmong(low, text)) return { lowBattery: true };
  if (isAmong(normal, text)) return { lowBattery: false };
  if (isAmong(NOTHING, text)) return {};
  if (isAmong(LOW, text)) return { lowBattery: true };
  if (isAmong(NORMAL, text)) return { lowBattery: false };
  const percent = Number(PERCENT.exec(text)?.[1] ?? Number.NaN);
  if (percent <= 100) return { batteryPercent: percent, lowBattery: percent < battery.lowPercent };
  const member = battery.path.length === 0 ? battery.topic : battery.path.join('.');
  return { type: 'notUnderstood', of: 'battery', member, value: text };
}
