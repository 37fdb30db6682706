import { asciiToBytes } from '../bytes.ts';

/** RFC 1861: the class of a reply's code. */
type SnppClass =
  /** 2xx, and the 8xx and 9xx of two-way pagers: 860 delivered, 960 queued. */
  | 'accepted'
  /** 3xx: the server waits for the text. */
  | 'continue'
  /** 4xx: the server gives up and closes the connection. */
  | 'fatal'
  /** 5xx: refused, but the session goes on. 7xx: a two-way pager was not reached. */
  | 'refused';

export interface SnppReply {
  /** 100…999 */
  readonly code: number;
  readonly text: string;
}

/** Longest reply kept. A longer one is cut. */
const LINE_CHARACTERS_MAX = 512;

export function snppClass(code: number): SnppClass | undefined {
  if ([2, 8, 9].includes(Math.floor(code / 100))) return 'accepted';
  if (code >= 300 && code < 400) return 'continue';
  if (code >= 400 && code < 500) return 'fatal';
  return (code >= 500 && code < 600) || (code >= 700 && code < 800) ? 'refused' : undefined;
}

/**
 * Writes one command as a line. A line end or a character outside ASCII becomes a blank, so that no
 * text can become a further command.
 */
export function encodeSnppCommand(...words: readonly string[]): Uint8Array {
  return asciiToBytes(`${words.join(' ').replace(/[^ -~]/g, ' ')}\r\n`);
}

/** Splits a command line into words, with the verb in capitals. */
export function readSnppCommand(line: string): { readonly verb: string; readonly rest: string } {
  const [, verb = '', rest = ''] = /^\s*(\S*) ?(.*)$/.exec(line) ?? [];
  return { verb: verb.toUpperCase(), rest };
}

/**
 * Cuts a stream into lines that end with LF or CRLF, at most `LINE_CHARACTERS_MAX` characters of
 * each. It works for replies and, at a server, for commands. A byte outside ASCII becomes `?`: a
 * server's text may be UTF-8, and without its eighth bit such a byte could be a line end.
 */
export class SnppLines {
  #line = '';

  push(chunk: Uint8Array): readonly string[] {
    const lines: string[] = [];
    for (const byte of chunk) {
      if (byte === 0x0a) {
        lines.push(this.#line.replace(/\r$/, ''));
        this.#line = '';
      } else if (this.#line.length < LINE_CHARACTERS_MAX) this.#line += byte < 0x80 ? String.fromCharCode(byte) : '?';
    }
    return lines;
  }
}

/**
 * Returns `undefined` if the line is not a reply. `more` is a line with more to come, `250-…`,
 * which carries no result.
 */
export function readSnppReply(line: string): SnppReply | 'more' | undefined {
  const [, digits, mark, text = ''] = /^([1-9]\d\d)(?:([ -])(.*))?$/.exec(line) ?? [];
  if (digits === undefined) return undefined;
  return mark === '-' ? 'more' : { code: Number(digits), text: text.trim() };
}
