import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { chooseChallenge, type DigestHash, digestCredentials } from '../../../protocol/sip/digest.ts';

const hash: DigestHash = (algorithm) => `hash-${algorithm}`;
const request = { user: 'gw', password: 'secret', method: 'MESSAGE', uri: 'sip:a@b', clientNonce: 'c', count: 1 };
const line = fc.string({ unit: fc.constantFrom(...'aD,=" \\/-é\t'), maxLength: 200 });

describe('a challenge by a stranger', () => {
  test('whatever it says is read, and answered without our password', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.oneof(
            line,
            line.map((tail) => `Digest realm="r", nonce="n",${tail}`),
          ),
        ),
        (values) => {
          const challenge = chooseChallenge(values);
          if (challenge === undefined) return;
          expect(digestCredentials(challenge, request, hash)).not.toContain(request.password);
        },
      ),
    );
  });

  // The longest head we take. Read from each of its letters, the first takes most of a second.
  test.each(['a', 'a=', 'a="\\', 'a ', 'a="b" ', '\\"', '='])('16 KiB of %j hold up nothing', (unit) => {
    const value = `Digest ${unit.repeat(16_384 / unit.length)}`;
    const begun = performance.now();
    chooseChallenge([value]);
    expect(performance.now() - begun).toBeLessThan(150);
  });
});
