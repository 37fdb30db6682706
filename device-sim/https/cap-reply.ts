import { CAP_NAMESPACE, capTime } from '../../protocol/cap/cap-message.ts';
import type { CapReading } from './cap-reading.ts';

/** What a receiver answers in CAP itself (CAP 1.2 §3.2.1). */
export interface CapReply {
  readonly msgType: 'Ack' | 'Error';
  readonly note?: string;
  /** Which message it names; `nothing`: it names none. Default: the one it answers. */
  readonly about?: 'ours' | 'other' | 'nothing';
}

/** As receivers write it: with a prefix, and the time of another zone. */
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
