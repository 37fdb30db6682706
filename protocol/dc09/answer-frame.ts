import { bytesToAscii } from '../bytes.ts';
import { checkedBody, type Envelope, type EnvelopeFault } from './message.ts';

/** An answer in the forms that receivers in the field write. */
type AnswerFrame =
  | { readonly type: 'framed'; readonly envelope: Envelope }
  /** The token alone in quotes, without CRC, sequence number and account. */
  | { readonly type: 'bare'; readonly token: BareToken }
  | { readonly type: 'damaged'; readonly fault: EnvelopeFault };

export type BareToken = 'ACK' | 'NAK' | 'DUH';

/** The head up to the bracket, or up to the time stamp if the bracket is missing. */
const HEAD = /^"(\*?)([A-Z][A-Z0-9-]*)"(\d{4})([^[_]*)\[?(.*)$/s;

/**
 * Reads an answer more leniently than a request. The CRC must be right. The part between the
 * sequence number and the bracket may be odd, because only its account means anything. Receivers
 * write `NoneL0#AAAA` if they were given no R field, exchange R and L, and leave out the account,
 * the brackets or the time stamp.
 */
export function parseAnswer(frame: Uint8Array): AnswerFrame {
  const token = bareToken(frame);
  if (token !== undefined) return { type: 'bare', token };
  const checked = checkedBody(frame);
  if (typeof checked === 'string') return { type: 'damaged', fault: checked };
  const match = HEAD.exec(checked.body);
  if (match === null) return { type: 'damaged', fault: 'badSyntax' };
  const [, star, name = '', sequence, fields = '', rest = ''] = match;
  // Blanks on both sides of nothing could be divided in as many ways as there are.
  const account = /#\s*([0-9A-Za-z]*)$/.exec(fields.trimEnd())?.[1];
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

/** Returns the token if the frame has nothing else. */
export function bareToken(frame: Uint8Array): BareToken | undefined {
  if (frame.length > 16) return undefined;
  return /^\s*"\*?(ACK|NAK|DUH)"\s*$/.exec(bytesToAscii(frame))?.[1] as BareToken | undefined;
}

/**
 * Returns true for the same account as receivers write it: in either case, with or without leading
 * zeros. For a person, two accounts that differ only in that are one number.
 */
export function isSameAccount(one: string, other: string): boolean {
  return one === other || bareAccount(one) === bareAccount(other);
}

function bareAccount(account: string): string {
  return account.toUpperCase().replace(/^0+(?=.)/, '');
}
