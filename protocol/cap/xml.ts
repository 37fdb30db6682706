/** What XML 1.0 §2.2 forbids: most control characters, lone surrogates, U+FFFE and U+FFFF. */
const FORBIDDEN = /[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu;

/** Text as the content of an element. Forbidden characters become U+FFFD, so that it shows that something stood there. */
export function xmlText(text: string): string {
  return (
    text
      .replace(FORBIDDEN, '\uFFFD')
      .replaceAll('&', '&amp;')
      .replaceAll('<', '&lt;')
      .replaceAll('>', '&gt;')
      // A bare CR is read as LF (XML 1.0 §2.11).
      .replaceAll('\r', '&#13;')
  );
}

/** `<name>text</name>` and a line feed; nothing for an empty or absent text: CAP and PIDF-LO leave out what they don't know. */
export function textElement(name: string, text: string | undefined): string {
  return text === undefined || text === '' ? '' : `<${name}>${xmlText(text)}</${name}>\n`;
}

/** An element around elements that are coded already. */
export function element(name: string, ...content: readonly string[]): string {
  return `<${name}>\n${content.join('')}</${name}>\n`;
}
