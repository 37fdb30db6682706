import { bytesToAscii } from '../../../protocol/bytes.ts';

/** Control, formatting and line-separating characters, and halves of characters. */
const INVISIBLE = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;
const NAMES: Readonly<Record<string, string>> = {
  '\u0002': 'STX',
  '\u0003': 'ETX',
  '\u0004': 'EOT',
  '\u0006': 'ACK',
  '\t': 'TAB',
  '\n': 'LF',
  '\r': 'CR',
  '\u0015': 'NAK',
  '\u001a': 'SUB',
  '\u001b': 'ESC',
};

/** A text for a terminal: what could move its cursor or turn its direction has a name instead. */
export function visible(text: string): string {
  return text.replace(INVISIBLE, (character) => {
    const code = character.codePointAt(0) ?? 0;
    return `<${NAMES[character] ?? code.toString(16).toUpperCase().padStart(2, '0')}>`;
  });
}

export function visibleBytes(bytes: Uint8Array): string {
  return visible(bytesToAscii(bytes));
}

/** The same as UTF-8, as MQTT devices and servers write. */
export function visibleUtf8(bytes: Uint8Array): string {
  return visible(new TextDecoder().decode(bytes));
}
