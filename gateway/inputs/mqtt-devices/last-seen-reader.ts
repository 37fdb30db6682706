import type { WallMs } from '../../../protocol/clocks.ts';
import type { NotUnderstood } from '../../core/signal.ts';
import type { Message } from './message.ts';
import type { MqttSource } from './settings.ts';
import { memberName } from './sources.ts';

/** Seconds since 1970 have ten digits until 2286, and ms have thirteen. */
const SECONDS = /^\d{10}(\.\d+)?$/;
const MS = /^\d{13}(\.\d+)?$/;
/** Without its zone a time may be hours away from what it says. */
const ISO = /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:?\d\d)$/;

/** When the bridge last heard the device; `undefined`: the message does not say. */
export function lastSeenIn(source: MqttSource, message: Message): WallMs | NotUnderstood | undefined {
  const text = message.textsOf(source).at(-1)?.trim() ?? '';
  if (text === '') return undefined;
  const ms = msOf(text);
  if (!Number.isNaN(ms)) return ms as WallMs;
  return { type: 'notUnderstood', of: 'lastSeen', member: memberName(source), value: text };
}

function msOf(text: string): number {
  if (SECONDS.test(text)) return Number(text) * 1000;
  if (MS.test(text)) return Number(text);
  return ISO.test(text) ? Date.parse(text) : Number.NaN;
}
