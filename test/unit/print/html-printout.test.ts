import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { htmlPrintout } from '../../../gateway/print/html-printout.ts';
import { saying } from './printouts.ts';

const page = (text: string) => [...htmlPrintout(saying(text))].join('');
/** The tags of a page, with their attributes, and without what stands between them. */
const tags = (html: string) => html.replace(/<style>.*?<\/style>/s, '').match(/<[^>]*>?/g);

describe('a hostile text', () => {
  const HOSTILE = '</title></style><script>alert(1)</script><img src=x onerror=alert(1)> & "quoted" \'too\'';

  test('adds no tag and no attribute anywhere', () => {
    expect(tags(page(HOSTILE))).toEqual(tags(page('harmless')));
    expect(page(HOSTILE)).toContain('&lt;script&gt;alert(1)&lt;/script&gt;');
  });

  test('adds none, whatever it is', () => {
    const text = fc.oneof(fc.string({ unit: 'binary' }), fc.string({ unit: fc.constantFrom(...'<>&"\'/= \\`{}') }));
    const harmless = tags(page('harmless'));
    fc.assert(
      fc.property(text, (said) => {
        // A line break is the one thing that a text may add.
        const found = tags(page(said))?.filter((tag) => tag !== '<br>');
        expect(found).toEqual(harmless);
      }),
      { numRuns: 200 },
    );
  });

  test('turns no direction, and shows what it hides', () => {
    const html = page('Rm 101 \u202Edesrever\u202C \u2066x\u2069 \u0000 \uD800');
    for (const hidden of ['\u202E', '\u202C', '\u2066', '\u2069', '\u0000', '\uD800'])
      expect(html).not.toContain(hidden);
    expect(html).toContain('Rm 101 \uFFFDdesrever\uFFFD');
  });
});

test('a page loads nothing, runs nothing, and says so to the browser', () => {
  const html = page('harmless');
  expect(html).toContain(`content="default-src 'none'; style-src 'unsafe-inline'"`);
  expect(html).not.toMatch(/<(script|link|img|iframe|object|svg|form)\b|https?:|url\(|@import/i);
});

test('a reader who hears the page gets its language, and the head of each column and row', () => {
  const html = page('text');
  expect(html).toContain('<html lang="en">');
  expect(html.match(/<th scope="col"/g)).toHaveLength(2);
  expect(html).toContain('<th scope="rowgroup" colspan="2">');
  expect(html).toContain('<th scope="row">text</th>');
  expect(html).toContain('<caption>text</caption>');
});
