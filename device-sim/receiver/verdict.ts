import { type Envelope, parseContent, parseEnvelope } from '../../protocol/dc09/message.ts';
import { readEvents } from '../../protocol/dc09/read-events.ts';
import { encodeAck, encodeDuh, encodeNak } from '../../protocol/dc09/reply.ts';
import { createSealer, type Sealer } from '../../protocol/dc09/sealer.ts';
import { idInText } from '../../protocol/dc09/text.ts';
import { receiverAesCbc } from './aes-cbc.ts';

export interface ReceiverAccount {
  /** Account number of 3…16 hex digits, upper case. */
  readonly account: string;
  /** Key of 16, 24 or 32 bytes. With a key, only encrypted messages are accepted. */
  readonly key?: Uint8Array;
}

/** Answer to a poll: an ACK, or a refusal as some receivers in the field give. */
export type NullPolicy = 'accept' | 'nak' | 'duh';

export interface EventRead {
  readonly account: string;
  readonly token: string;
  readonly sequence: number;
  readonly encrypted: boolean;
  readonly data: string;
  readonly xdata: readonly string[];
  readonly timestampMs?: number;
  readonly code: string;
  readonly qualifier?: number;
  readonly zone?: number;
  readonly area?: number;
  readonly areaName?: string;
  readonly text?: string;
  /** The id at the end of the text. */
  readonly reportId?: string;
}

export interface Verdict {
  /** `drop` means that the frame is damaged and gets no answer. */
  readonly answer: 'ack' | 'nak' | 'duh' | 'drop';
  readonly why: string;
  readonly envelope?: Envelope;
  readonly sealer?: Sealer;
  /** Events of a message that was understood. One message may hold several. */
  readonly events: readonly EventRead[];
  readonly poll: boolean;
  /** True if the answer is lost on its way back. */
  readonly answerLost?: true;
}

/** Accepts a time up to 40 s old and up to 20 s ahead (DC-09 §5.5.1.9). */
const OLDEST_MS = 40_000;
const NEWEST_MS = 20_000;

export interface AnswerRules {
  readonly accounts: ReadonlyMap<string, ReceiverAccount>;
  readonly nullPolicy: NullPolicy;
  readonly random: (count: number) => Uint8Array;
}

/** Decides about one frame as a proper receiver does. */
export function verdictOn(rules: AnswerRules, frame: Uint8Array, nowWallMs: number): Verdict {
  const envelope = parseEnvelope(frame);
  if (typeof envelope === 'string') return { answer: 'drop', why: envelope, poll: false, events: [] };
  if (!envelope.lengthMatches) return { answer: 'drop', why: 'badLength', poll: false, events: [] };
  const poll = envelope.token === 'NULL';
  const refuse = (why: string): Verdict => ({ answer: 'duh', why, envelope, poll, events: [] });
  const account = rules.accounts.get(envelope.account?.toUpperCase() ?? '');
  if (account === undefined) return refuse('unknown account');
  const { key } = account;
  if ((key !== undefined) !== envelope.encrypted) return refuse(key === undefined ? 'no key' : 'not encrypted');
  const sealer = key === undefined ? undefined : createSealer(receiverAesCbc(key), rules.random);
  const content = parseContent(envelope, sealer);
  if (content === undefined || content.trailing !== '') return refuse('unreadable');
  const { timestampMs } = content;
  if (timestampMs === undefined ? envelope.encrypted : isOutsideWindow(timestampMs, nowWallMs)) {
    return { answer: 'nak', why: 'wrong time', envelope, poll, events: [] };
  }
  const base = { envelope, poll, events: [], ...(sealer === undefined ? {} : { sealer }) };
  if (poll) return { ...base, answer: rules.nullPolicy === 'accept' ? 'ack' : rules.nullPolicy, why: 'poll' };
  const read = readEvents(envelope.token, content.data, content.xdata);
  if (read.length === 0) return refuse('not understood');
  const { trailing: _, ...fields } = content;
  const events = read.map((each): EventRead => {
    const reportId = each.text === undefined ? undefined : idInText(each.text);
    return {
      ...each,
      ...fields,
      account: account.account,
      token: envelope.token,
      sequence: envelope.sequence,
      encrypted: envelope.encrypted,
      ...(reportId === undefined ? {} : { reportId }),
    };
  });
  return { ...base, answer: 'ack', why: 'accepted', events };
}

function isOutsideWindow(timestampMs: number, nowWallMs: number): boolean {
  return nowWallMs - timestampMs > OLDEST_MS || timestampMs - nowWallMs > NEWEST_MS;
}

/** Returns the answer's bytes, or `undefined` for a damaged frame, which gets none. */
export function encodeVerdict(verdict: Verdict, nowWallMs: number): Uint8Array | undefined {
  const { envelope } = verdict;
  if (verdict.answer === 'drop' || verdict.answerLost || envelope === undefined) return undefined;
  if (verdict.answer === 'nak') return encodeNak(nowWallMs);
  if (verdict.answer === 'duh') return encodeDuh(envelope);
  return encodeAck(envelope, envelope.encrypted ? nowWallMs : undefined, verdict.sealer);
}
