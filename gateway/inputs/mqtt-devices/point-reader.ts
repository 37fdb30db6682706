import type { Readings } from '../../core/signal.ts';
import type { Message } from './message.ts';
import type { MqttPoint } from './settings.ts';

/** What the message says about the point; the last part outranks the ones before it. */
export function pointIn(point: MqttPoint, message: Message): Readings['points'] {
  const said = message.textsOf(point).filter((text) => point.active.includes(text) || point.normal.includes(text));
  const last = said.at(-1);
  return last === undefined ? [] : [{ point: point.number, active: point.active.includes(last) }];
}
