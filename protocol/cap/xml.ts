/**
 * Characters that XML 1.0 §2.2 forbids: most control characters, lone surrogates, U+FFFE and
 * U+FFFF.
 */
const FORBIDDEN = /[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu;

/**
 * Writes text as the content of an element. A forbidden character becomes U+FFFD, which shows that
 * a character was there.
 */
export function xmlText(text: string): string {
  return (
    text
      .replace(FORBIDDEN, '\uFFFD')
      .replaceAll('&', '&amp;')
      .replaceAll('<', '&lt;')
      .replaceAll('>', '&gt;')
      // A bare CR would be read as LF (XML 1.0 §2.11).
      .replaceAll('\r', '&#13;')
  );
}

/**
 * Writes `<name>text</name>` and a line feed, or nothing for an empty or absent text: CAP and
 * PIDF-LO leave out unknown values.
 */
export function textElement(name: string, text: string | undefined): string {
  return text === undefined || text === '' ? '' : `<${name}>${xmlText(text)}</${name}>\n`;
}

/** Writes an element around elements that are already coded. */
export function element(name: string, ...content: readonly string[]): string {
  return `<${name}>\n${content.join('')}</${name}>\n`;
}
