import { bytesToAscii } from '../bytes.ts';
import { checkedBody, type Envelope, type EnvelopeFault } from './message.ts';

/** An answer as receivers in the field write them. */
type AnswerFrame =
  | { readonly type: 'framed'; readonly envelope: Envelope }
  /** The token alone, in quotes: no CRC, no sequence number, no account. */
  | { readonly type: 'bare'; readonly token: BareToken }
  | { readonly type: 'damaged'; readonly fault: EnvelopeFault };

export type BareToken = 'ACK' | 'NAK' | 'DUH';

/** The head up to the bracket, or up to the time stamp where the bracket is left out. */
const HEAD = /^"(\*?)([A-Z][A-Z0-9-]*)"(\d{4})([^[_]*)\[?(.*)$/s;

/**
 * Reads an answer more leniently than a request is read. The CRC must be right; what stands between
 * the sequence number and the bracket may be odd, because only the account in it means anything:
 * receivers write `NoneL0#AAAA` where they were given no R field, exchange R and L, and leave out
 * the account, the brackets or the time stamp.
 */
export function parseAnswer(frame: Uint8Array): AnswerFrame {
  const token = bareToken(frame);
  if (token !== undefined) return { type: 'bare', token };
  const checked = checkedBody(frame);
  if (typeof checked === 'string') return { type: 'damaged', fault: checked };
  const match = HEAD.exec(checked.body);
  if (match === null) return { type: 'damaged', fault: 'badSyntax' };
  const [, star, name = '', sequence, fields = '', rest = ''] = match;
  const account = /#\s*([0-9A-Za-z]*)\s*$/.exec(fields)?.[1];
  return {
    type: 'framed',
    envelope: {
      token: name,
      encrypted: star === '*',
      sequence: Number(sequence),
      prefix: '',
      ...(account === undefined || account === '' ? {} : { account }),
      rest,
      lengthMatches: checked.lengthMatches,
    },
  };
}

/** The token, if it is all there is. */
export function bareToken(frame: Uint8Array): BareToken | undefined {
  if (frame.length > 16) return undefined;
  return /^\s*"\*?(ACK|NAK|DUH)"\s*$/.exec(bytesToAscii(frame))?.[1] as BareToken | undefined;
}

/**
 * The same account, as receivers write it: in either case, with or without leading zeros. Two
 * accounts that differ in nothing else are one number to a person.
 */
export function isSameAccount(one: string, other: string): boolean {
  return bareAccount(one) === bareAccount(other);
}

function bareAccount(account: string): string {
  return account.toUpperCase().replace(/^0+(?=.)/, '');
}
