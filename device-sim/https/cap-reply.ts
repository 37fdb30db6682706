import { CAP_NAMESPACE, capTime } from '../../protocol/cap/cap-message.ts';
import type { CapReading } from './cap-reading.ts';

/** A receiver's answer in CAP itself (CAP 1.2 §3.2.1). */
export interface CapReply {
  readonly msgType: 'Ack' | 'Error';
  readonly note?: string;
  /** The message that it refers to; `nothing` for none. Default: the message it answers. */
  readonly about?: 'ours' | 'other' | 'nothing';
}

/** Writes it as receivers do: with a namespace prefix, and with the time of another zone. */
export function capReply({ msgType, note, about = 'ours' }: CapReply, message: CapReading, nowMs: number): string {
  const { sender, identifier, sent } = message;
  const named = { ours: `${sender},${identifier},${sent}`, other: `${sender},another-1,${sent}`, nothing: '' }[about];
  const lines = [
    '<identifier>reply-1</identifier>',
    '<sender>desk@centre.example</sender>',
    `<sent>${capTime(nowMs)}</sent>`,
    '<status>Actual</status>',
    `<msgType>${msgType}</msgType>`,
    '<scope>Private</scope>',
    ...(note === undefined ? [] : [`<note>${note}</note>`]),
    ...(named === '' ? [] : [`<references>${named}</references>`]),
  ];
  const prefixed = lines.map((line) => line.replace(/<(\/?)/g, '<$1cap:')).join('\n');
  return `<?xml version="1.0" encoding="UTF-8"?>\n<cap:alert xmlns:cap="${CAP_NAMESPACE}">\n${prefixed}\n</cap:alert>\n`;
}
