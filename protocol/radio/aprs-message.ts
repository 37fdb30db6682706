import { asciiToBytes, bytesToAscii } from '../bytes.ts';
import { cleanText } from '../text.ts';

/** APRS messages (APRS Protocol Reference 1.0.1, chapter 14; reply-acks: APRS 1.1 addendum). */

/** Longest text of a message. */
export const TEXT_MAX = 67;
const ADDRESSEE = 9;

export type AprsMessage =
  | {
      readonly type: 'message';
      /** 1…9 characters, such as a call sign with its SSID. */
      readonly addressee: string;
      readonly text: string;
      /** 1…5 letters and digits; absent if the sender wants no acknowledgement. */
      readonly id?: string;
      /** Id of a message from the addressee that this one also acknowledges. */
      readonly replyAck?: string;
    }
  | {
      readonly type: 'ack' | 'rej';
      readonly addressee: string;
      readonly id: string;
    };

/** @throws RangeError if a message cannot hold the fields; `messageText` makes any text fit */
export function encodeAprsMessage(message: AprsMessage): Uint8Array {
  const { addressee } = message;
  if (!/^[!-9;-~](?:[ -9;-~]{0,7}[!-9;-~])?$/.test(addressee)) throw new RangeError(`no APRS addressee: ${addressee}`);
  return asciiToBytes(`:${addressee.padEnd(ADDRESSEE)}:${bodyOf(message)}`);
}

function bodyOf(message: AprsMessage): string {
  if (message.id !== undefined && !/^[A-Za-z0-9]{1,5}$/.test(message.id)) throw new RangeError('no APRS message id');
  if (message.type !== 'message') return `${message.type}${message.id}`;
  const { text, id } = message;
  if (text.length > TEXT_MAX || !/^[ -z}]*$/.test(text)) throw new RangeError('no APRS message text');
  return id === undefined ? text : `${text}{${id}`;
}

/**
 * Reads the information field of a UI frame; `undefined` if it is not a message. Texts may be
 * longer than we send them.
 */
export function parseAprsMessage(info: Uint8Array): AprsMessage | undefined {
  const whole = bytesToAscii(info);
  const ended = withoutEnd(whole.slice(ADDRESSEE + 2));
  if (whole[0] !== ':' || whole[ADDRESSEE + 1] !== ':') return undefined;
  const addressee = whole.slice(1, ADDRESSEE + 1).trimEnd();
  if (addressee === '') return undefined;
  return parseAnswer(addressee, ended) ?? parseText(addressee, ended);
}

/**
 * Stations end a message with CR, LF, NUL or blanks, or with nothing. It is looked for from the
 * end: a pattern that looks for it from each CR on takes a fifth of a second for the longest frame
 * of a hostile station.
 */
function withoutEnd(body: string): string {
  let end = body.length;
  while (end > 0 && /[\s\0]/.test(body.charAt(end - 1))) end -= 1;
  const at = body.slice(end).search(/[\r\n\0]/);
  return at < 0 ? body : body.slice(0, end + at);
}

/**
 * Stations with reply-acks answer `{MM}` with `ackMM}` and may append an id of their own. Only
 * `ack` and `rej` in lower case are answers (chapter 14): `messageText` writes a text that begins
 * like one in capitals.
 */
function parseAnswer(addressee: string, body: string): AprsMessage | undefined {
  const [, type, id] = /^(ack|rej)([A-Za-z0-9]{1,5})(?:\}[A-Za-z0-9]{0,5})?[\s\0]*$/.exec(body) ?? [];
  if (id === undefined) return undefined;
  return { type: type === 'rej' ? 'rej' : 'ack', addressee, id };
}

function parseText(addressee: string, body: string): AprsMessage {
  const reply = /^([^{]*)\{([A-Za-z0-9]{1,5})\}([A-Za-z0-9]{1,5})?[\s\0]*$/.exec(body);
  if (reply !== null) {
    const [, text = '', id = '', replyAck] = reply;
    return { type: 'message', addressee, text, id, ...(replyAck === undefined ? {} : { replyAck }) };
  }
  const [, text, id] = /^([^{]*)\{([A-Za-z0-9]{1,5})[\s\0]*$/.exec(body) ?? [];
  if (text === undefined || id === undefined) return { type: 'message', addressee, text: body };
  return { type: 'message', addressee, text, id };
}

const REPLACED: Readonly<Record<string, string>> = { '~': '-', '{': '(', '}': ')' };

/**
 * Returns the text as a message can carry it: printable ASCII without `|`, `~` and `{`, at most
 * `most` characters. A text of at most `most` characters is never cut, whatever its letters become,
 * so that a list uses all its room. A text that begins like a station's own answer (`ack`, `rej`)
 * or a query (`?`, chapter 15) would not be displayed, so its beginning is changed.
 */
export function messageText(text: string, most = TEXT_MAX): string {
  const likely = cleanText(text);
  const clean = likely.length <= most ? likely : letterByLetter(text);
  const plain = clean.replace(/[~{}]/g, (character) => REPLACED[character] ?? '');
  const whole = plain.replace(/^\?/, '.').replace(/^(ack|rej)/, (word) => word.toUpperCase());
  return whole.length <= most ? whole : `${whole.slice(0, most - 3).trimEnd()}...`;
}

/** Writes each letter as one: `ß` is `s`, not `ss`. */
function letterByLetter(text: string): string {
  const letters = Array.from(text, (letter) => cleanText(letter)[0] ?? ' ');
  return letters.join('').replace(/ +/g, ' ').trim();
}
