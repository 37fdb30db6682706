import fc from 'fast-check';
import { expect, test } from 'vitest';
import { encodePidfLo } from '../../../protocol/pidf-lo.ts';

const documentFor = (words: string) =>
  encodePidfLo({
    entity: `sip:${words}`,
    id: `at-${words}`,
    civic: { name: words, building: words, floor: words, room: words, more: words, street: words },
    circle: { latitude: 39.781721, longitude: -89.650148, radius: 40 },
    timestampMs: 0,
    retentionMs: 0,
  });
/** Its elements in order, without attributes. */
const elements = (document: string) => document.match(/<[^\s>]+/g);

test('no name of a place can add to the document or break it', () => {
  const nasty = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.constantFrom(']]>', '<a>', '"', "'", '&', '-->', '\u0000', '\r\n'),
  );
  const plain = elements(documentFor('x'));
  fc.assert(
    fc.property(fc.array(nasty), (parts) => {
      const document = documentFor(`x${parts.join('')}`);
      expect(elements(document)).toEqual(plain);
      expect(document).not.toMatch(/&(?!amp;|lt;|gt;|quot;|#13;)/);
      expect(document).not.toMatch(/[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/u);
      expect(document).toMatch(/entity="[^"<]*">\n<dm:device id="[^"<]*">\n/);
    }),
  );
});
