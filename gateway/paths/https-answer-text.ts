import type { HttpsAnswer } from './https-message.ts';

/** How much of a body is searched for its first line. */
const SEARCHED_BYTES_MAX = 2048;
const LINE_LENGTH_MAX = 160;

/** The body as text: UTF-8, or what its byte order mark says. Never throws. */
export function textOf({ body }: HttpsAnswer): string {
  const label = body[0] === 0xff && body[1] === 0xfe ? 'utf-16le' : 'utf-8';
  return new TextDecoder(label).decode(body);
}

/**
 * The first line of a body with text in it, fit for a message and a log: printable, short, without
 * tags and without our own secrets, which a server may repeat. Empty: there is none.
 */
export function firstLineOf(answer: HttpsAnswer, secrets: readonly string[]): string {
  const body = answer.body.subarray(0, SEARCHED_BYTES_MAX);
  const text = secrets.reduce((all, secret) => all.replaceAll(secret, '…'), textOf({ ...answer, body }));
  // Only the text of an HTML page is of use. An unclosed tag counts as text.
  const bare = /^\s*</.test(text) ? text.replace(/<[^<>]*>/g, '\n') : text;
  return shortLine(bare.split(/[\r\n]+/).find((line) => printable(line) !== '') ?? '');
}

/** Text from an untrusted far end, as one short line. */
export function shortLine(text: string): string {
  const line = printable(text);
  return line.length > LINE_LENGTH_MAX ? `${line.slice(0, LINE_LENGTH_MAX)}…` : line;
}

/** Control, format and private characters may control a terminal or reverse a line. */
function printable(text: string): string {
  return text.replace(/[\p{C}\p{Zl}\p{Zp}\uFFFD\s]+/gu, ' ').trim();
}
