/**
 * A text without characters that show nothing and change how others read. Control characters, lone
 * surrogates and those that turn the direction of what follows (Unicode TR 36 §3.7) are shown as
 * U+FFFD: names and reasons are written by people, and no name may change how another one reads.
 * Line breaks stay.
 */
export function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Cs}\u061C\u200E\u200F\u2028-\u202E\u2066-\u2069\uFEFF]/gu, (character) => {
    return character === '\n' ? '\n' : '\uFFFD';
  });
}
