import fc from 'fast-check';
import { expect, test } from 'vitest';
import { SecretMask } from '../../../protocol/recording/secret-mask.ts';

const LETTERS = fc.constantFrom('a', 'b', 'c');
const secrets = fc.array(fc.string({ unit: LETTERS, minLength: 1, maxLength: 5 }), { maxLength: 3 });
const chunks = fc.array(fc.string({ unit: LETTERS, maxLength: 8 }), { maxLength: 6 });

function masked(mask: SecretMask, parts: readonly string[]): string {
  const out = parts.map((part) => Buffer.from(mask.push(Buffer.from(part))).toString());
  return out.join('') + Buffer.from(mask.flush()).toString();
}

const maskOf = (words: readonly string[]) => new SecretMask(words.map((word) => Buffer.from(word)));

test('no secret is in what comes out, however the stream is cut, and nothing else is changed', () => {
  fc.assert(
    fc.property(secrets, chunks, (words, parts) => {
      const out = masked(maskOf(words), parts);
      const whole = parts.join('');
      expect(out).toHaveLength(whole.length);
      for (const word of words) expect(out).not.toContain(word);
      for (let at = 0; at < out.length; at += 1) expect(['*', whole[at]]).toContain(out[at]);
      if (!words.some((word) => whole.includes(word))) expect(out).toBe(whole);
    }),
  );
});

test('a secret that comes byte by byte is masked, and only what may begin one waits', () => {
  const mask = maskOf(['1357']);
  const push = (text: string) => Buffer.from(mask.push(Buffer.from(text))).toString();
  expect(['AT+CPIN="1', '3', '5', '7"', '\r', '13', '\r'].map(push)).toEqual([
    'AT+CPIN="',
    '',
    '',
    '****"',
    '\r',
    '',
    '13\r',
  ]);
});

test('a shorter secret that waits because it begins a longer one is masked at the end', () => {
  expect(masked(maskOf(['1234', '123456']), ['pin 1234'])).toBe('pin ****');
});
