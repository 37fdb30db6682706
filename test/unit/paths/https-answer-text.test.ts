import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { firstLineOf, textOf } from '../../../gateway/paths/https-answer-text.ts';
import { unmet } from '../../../gateway/paths/https-expectation.ts';

const answer = (body: string | Uint8Array, isWhole = true) => ({
  status: 200,
  headers: {},
  body: typeof body === 'string' ? Buffer.from(body, 'utf8') : body,
  isWhole,
});

describe('the first line of a body', () => {
  test.each([
    ['', ''],
    ['\r\n \t\n', ''],
    ['one\ntwo', 'one'],
    ['\n\n  second  line \nthird', 'second line'],
    ['<html><head>\n<title>502 Bad Gateway</title></head>', '502 Bad Gateway'],
    ['<unended', '<unended'],
    ['naïve Ωμέγα 学校', 'naïve Ωμέγα 学校'],
    ['\u001b[31mred\u0007\u200b\u202eeverted', '[31mred everted'],
    ['the token a-token is not known', 'the token … is not known'],
    ['x'.repeat(1000), `${'x'.repeat(160)}…`],
  ])('%j is %j', (body, line) => {
    expect(firstLineOf(answer(body), ['a-token'])).toBe(line);
  });

  test('is short and printable, whatever comes, and shows no secret', () => {
    const secret = 'k-12345';
    const body = fc.array(fc.oneof(fc.string({ unit: 'binary' }), fc.constant(secret)), { maxLength: 60 });
    fc.assert(
      fc.property(body, (pieces) => {
        const line = firstLineOf(answer(pieces.join('')), [secret]);
        expect(line.length).toBeLessThanOrEqual(161);
        expect(line).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]/u);
        expect(line).not.toContain(secret);
      }),
    );
  });

  test('bytes that are no UTF-8 are read as far as they are', () => {
    expect(firstLineOf(answer(Uint8Array.of(0xff, 0x41, 0xc3, 0x28, 0x80)), [])).toBe('A (');
    expect(textOf(answer(Buffer.from('\ufeffok', 'utf16le')))).toBe('ok');
  });
});

describe('what a site expects', () => {
  const member = (path: string, value: string) => ({ member: { names: path.split('.'), value } });
  test.each([
    [{ text: 'ok' }, 'ok\n'],
    [member('ok', 'true'), '{"ok":true}'],
    [member('a.b.0', '1'), '{"a":{"b":[1]}}'],
    [member('n', '1'), '{"n":"1"}'],
    [{ statuses: [200], ...member('ok', '1'), text: '{"ok":1}' }, '{"ok":1}'],
  ])('%j is met by %s', (expectation, body) => {
    expect(unmet(expectation, answer(body))).toBeUndefined();
  });

  test.each([
    [{ text: 'ok' }, 'not ok'],
    [{ text: 'ok' }, ''],
    [member('ok', 'true'), '{"ok":false}'],
    [member('ok', 'true'), '{"ok":{}}'],
    [member('ok', 'null'), '{"ok":null}'],
    [member('length', '4'), '"text"'],
    [member('a.length', '2'), '{"a":"bc"}'],
    [member('__proto__', ''), '{}'],
    [member('constructor.name', 'Object'), '{}'],
    [{ statuses: [201], text: 'ok' }, 'ok'],
  ])('%j is not met by %s', (expectation, body) => {
    expect(unmet(expectation, answer(body))).toEqual(expect.any(String));
  });

  test('is never met by a body that was not read to its end', () => {
    expect(unmet({ text: 'ok' }, answer('ok', false))).toEqual(expect.any(String));
    expect(unmet(member('ok', 'true'), answer('{"ok":true}', false))).toEqual(expect.any(String));
  });
});
