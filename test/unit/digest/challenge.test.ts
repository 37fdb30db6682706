import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { nextNonceOf, readChallenges } from '../../../protocol/digest/challenge.ts';
import { type DigestHash, digestCredentials } from '../../../protocol/digest/credentials.ts';

const hash: DigestHash = (name) => `hash-${name}`;
const request = { user: 'gw', password: 'secret', method: 'MESSAGE', uri: 'sip:a@b', clientNonce: 'c', count: 1 };
const line = fc.string({ unit: fc.constantFrom(...'aD,=" \\/-é\t'), maxLength: 200 });
const offer = (algorithm: string, more = '') => `Digest realm="a", nonce="b", algorithm=${algorithm}${more}`;

describe('challenges', () => {
  test.each([
    ['the stronger of two', [offer('MD5'), offer('SHA-256')], ['SHA-256']],
    ['the first of two that are as strong', [offer('SHA-512-256'), offer('SHA-256')], ['SHA-512-256']],
    ['what is known beside what is not', [offer('SHA-384'), offer('md5')], ['MD5']],
    ['two in one header', [`${offer('MD5')}, ${offer('SHA-256')}`], ['SHA-256']],
    ['behind a scheme that brings a token', ['Negotiate YWJj==', offer('MD5')], ['MD5']],
    ['none', [], []],
  ])('%s', (_, values, hashes) => {
    expect(readChallenges(values).digests.map((one) => one.hash)).toEqual(hashes);
  });

  test('one of each realm is answered', () => {
    const { digests } = readChallenges([
      'Digest realm="a", nonce="1"',
      'Digest realm="b", nonce="2", algorithm=SHA-256',
      'Digest realm="a", nonce="3", algorithm=SHA-256-sess, stale=TRUE, qop="auth-int,auth", opaque=""',
    ]);
    expect(digests).toEqual([
      { realm: 'a', nonce: '3', hash: 'SHA-256', session: true, qop: true, stale: true, opaque: '' },
      { realm: 'b', nonce: '2', hash: 'SHA-256', session: false, qop: false, stale: false },
    ]);
  });

  test('what is not answered has a name', () => {
    const values = [offer('SHA-384'), offer('MD5', ', qop="auth-int"'), 'NTLM', 'Digest realm="a"', 'Basic realm="b"'];
    expect(readChallenges(values)).toEqual({
      digests: [],
      basicRealms: ['b'],
      unknown: ['Digest SHA-384', 'Digest MD5 with qop auth-int', 'ntlm', 'Digest without realm or nonce'],
    });
  });

  test('the next nonce', () => {
    expect(nextNonceOf('qop=auth, nextnonce="n,2", nc=00000001')).toBe('n,2');
    expect(nextNonceOf('rspauth=""')).toBeUndefined();
  });
});

describe('a challenge by a stranger', () => {
  test('whatever it says is read, and answered without our password', () => {
    const begun = line.map((tail) => `Digest realm="r", nonce="n",${tail}`);
    fc.assert(
      fc.property(fc.array(fc.oneof(line, begun)), (values) => {
        for (const challenge of readChallenges(values).digests) {
          expect(digestCredentials(challenge, request, hash)).not.toContain(request.password);
        }
      }),
    );
  });

  // If it were read again from each of its letters, this would exceed the test's time-out.
  test.each(['a', 'a=', 'a="\\', 'a ', 'a="b" ', '\\"', '=', ' ', 'a=\t '])('a MiB of %j holds up nothing', (unit) => {
    const value = `Digest ${unit.repeat(1_048_576 / unit.length)}`;
    expect(readChallenges([value]).digests).toEqual([]);
  });
});
