import type { Readings } from '../../core/signal.ts';
import type { Message } from './message.ts';
import type { MqttBattery } from './settings.ts';

type BatteryState = Pick<Readings, 'batteryPercent' | 'lowBattery'>;

/** What the message says about the battery; nothing if it says none of it. */
export function batteryIn(battery: MqttBattery, message: Message): BatteryState {
  const text = message.textsOf(battery).at(-1)?.trim() ?? '';
  const percent = text === '' ? Number.NaN : Number(text);
  if (!(percent >= 0 && percent <= 100)) return {};
  return { batteryPercent: percent, lowBattery: percent < battery.lowPercent };
}
