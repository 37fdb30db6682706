import type { NotUnderstood, Readings } from '../../core/signal.ts';
import type { Message } from './message.ts';
import type { MqttPoint } from './settings.ts';
import { memberName } from './sources.ts';

type PointReading = Readings['points'][number];

/**
 * What the message says about the point; the last part outranks the ones before it. `undefined`:
 * nothing.
 */
export function pointIn(point: MqttPoint, message: Message): PointReading | NotUnderstood | undefined {
  const texts = message.textsOf(point).filter((text) => text !== '');
  const named = texts.filter((text) => point.active.includes(text) || point.normal.includes(text)).at(-1);
  if (named !== undefined) return { point: point.number, active: point.active.includes(named) };
  const value = texts.at(-1);
  if (value === undefined) return undefined;
  return { type: 'notUnderstood', of: 'point', member: memberName(point), value };
}
