import { styleText } from 'node:util';
import { printable } from '../print/printable.ts';

const ESC = '\u001b';
/** What `coloured` writes (ECMA-48 §8.3.117), and tabs. */
const OWN = new RegExp(`(\t|${ESC}\\[(?:1|2|22|31|32|33|39)m)`);
/** JSON escapes the first 32 itself. The others are control characters or turn the direction. */
const UNSAFE_IN_JSON = /[\u007f-\u009f\u061C\u200E\u200F\u2028-\u202E\u2066-\u2069\uFEFF]/g;

/**
 * A text for a terminal. Names of radio devices, topics, USB products, cells of a table and reasons
 * come from outside: none of them may move the cursor, clear the screen or write to the clipboard.
 * Line breaks, tabs and the colours of `coloured` stay.
 */
export function terminalSafe(text: string): string {
  const hasColours = styleText('bold', '') !== '';
  return text
    .split(OWN)
    .map((part, at) => (at % 2 === 1 && (part === '\t' || hasColours) ? part : printable(part)))
    .join('');
}

/** The same document. A terminal may take the characters of U+0080 to U+009F for ESC sequences. */
export function jsonSafe(json: string): string {
  return json.replace(UNSAFE_IN_JSON, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
