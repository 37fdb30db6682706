import { encodeAck } from '../../protocol/dc09/reply.ts';
import { formatTimestamp } from '../../protocol/dc09/timestamp.ts';
import type { ReceiverBehaviour } from './behaviour.ts';
import { SPELLINGS, type Spelling, spelled } from './spelling.ts';
import type { Verdict } from './verdict.ts';

/** Returns the answer's bytes as the behaviour spoils them. */
export function spoil(how: ReceiverBehaviour, proper: Uint8Array, verdict: Verdict, nowWallMs: number): Uint8Array {
  switch (how.type) {
    case 'bareNak':
      return Buffer.from('"NAK"');
    case 'oddSpelling':
      return spelled(proper, how.spelling ?? nextSpelling(verdict), formatTimestamp(nowWallMs));
    case 'halfFrameThenSilence':
    case 'halfFrameThenClose':
      return proper.subarray(0, proper.length >> 1);
    case 'closeBeforeAnswering':
    case 'drip':
      return new Uint8Array();
    case 'badCrc':
      return proper.map((byte, index) => (index === 1 ? (byte === 0x30 ? 0x31 : 0x30) : byte));
    case 'garbage':
      return Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n');
    case 'wrongSequence':
      return misdirected('sequence', verdict, nowWallMs) ?? proper;
    case 'wrongAccount':
      return misdirected('account', verdict, nowWallMs) ?? proper;
    default:
      return proper;
  }
}

/** Gives each message its own fault, and a repeat of the message the same one. */
function nextSpelling({ envelope }: Verdict): Spelling {
  return SPELLINGS[(envelope?.sequence ?? 0) % SPELLINGS.length] ?? 'noAccount';
}

/** Returns an ACK to another sender's frame. */
function misdirected(what: 'sequence' | 'account', verdict: Verdict, nowWallMs: number): Uint8Array | undefined {
  const { envelope, sealer } = verdict;
  if (envelope === undefined) return undefined;
  const to =
    what === 'sequence'
      ? { ...envelope, sequence: (envelope.sequence + 1) % 10_000 }
      : { ...envelope, account: 'FFFF0' };
  return encodeAck(to, sealer === undefined ? undefined : nowWallMs, sealer);
}
