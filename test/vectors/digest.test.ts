import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { readChallenges } from '../../protocol/digest/challenge.ts';
import { type DigestHash, digestCredentials } from '../../protocol/digest/credentials.ts';

const names = { MD5: 'md5', 'SHA-256': 'sha256', 'SHA-512-256': 'sha512-256' } as const;
const hash: DigestHash = (name, text) => createHash(names[name]).update(text, 'latin1').digest('hex');

function chosen(...values: string[]) {
  const [challenge] = readChallenges(values).digests;
  if (challenge === undefined) throw new Error('the challenge is not understood');
  return challenge;
}

const rfc7616 = {
  user: 'Mufasa',
  password: 'Circle of Life',
  uri: '/dir/index.html',
  clientNonce: 'f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ',
};
const offer7616 = (algorithm: string) =>
  `Digest realm="http-auth@example.org", qop="auth, auth-int", algorithm=${algorithm}, nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"`;

describe('Digest', () => {
  test.each([
    // RFC 2617 §3.5
    [
      'Digest realm="testrealm@host.com", qop="auth,auth-int", nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093", opaque="5ccc069c403ebaf9f0171e9517f40e41"',
      { user: 'Mufasa', password: 'Circle Of Life', uri: '/dir/index.html', clientNonce: '0a4f113b' },
      '6629fae49393a05397450978507c4ef1',
    ],
    // RFC 7616 §3.9.1, both algorithms
    [offer7616('MD5'), rfc7616, '8ca523f5e9506fed4657c9700eebdbec'],
    [offer7616('SHA-256'), rfc7616, '753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1'],
  ])('%s', (challenge, who, response) => {
    const credentials = digestCredentials(chosen(challenge), { ...who, method: 'GET', count: 1 }, hash);
    expect(credentials).toContain(`response="${response}"`);
    expect(credentials).toContain('nc=00000001');
    expect(credentials).toContain(`opaque="${chosen(challenge).opaque}"`);
  });

  // No RFC gives an example: worked out by hand from RFC 7616 §3.4.2.
  test.each(['MD5', 'SHA-256', 'SHA-512-256'] as const)('%s-sess hashes the session into A1', (name) => {
    const challenge = chosen(`Digest realm="a", nonce="b", algorithm=${name}-sess, qop="auth"`);
    const request = { user: 'u', password: 'p', method: 'GET', uri: '/', clientNonce: 'c', count: 2 };
    const h = (text: string) => createHash(names[name]).update(text).digest('hex');
    const response = h(`${h(`${h('u:a:p')}:b:c`)}:b:00000002:c:auth:${h('GET:/')}`);
    expect(digestCredentials(challenge, request, hash)).toBe(
      `Digest username="u", realm="a", nonce="b", uri="/", response="${response}", algorithm=${name}-sess, qop=auth, nc=00000002, cnonce="c"`,
    );
  });

  test('without qop: the form of RFC 2069', () => {
    const request = { user: 'u', password: 'p', method: 'MESSAGE', uri: 'sip:x', clientNonce: 'c', count: 1 };
    const credentials = digestCredentials(chosen('Digest realm="a", nonce="b"'), request, hash);
    const response = hash('MD5', `${hash('MD5', 'u:a:p')}:b:${hash('MD5', 'MESSAGE:sip:x')}`);
    expect(credentials).toBe(
      `Digest username="u", realm="a", nonce="b", uri="sip:x", response="${response}", algorithm=MD5`,
    );
  });

  test('quotes in a realm are hashed bare and written with backslashes; names beyond ASCII as UTF-8', () => {
    const request = { user: 'zo\u00eb', password: 'p\u00e4ss', method: 'GET', uri: '/', clientNonce: 'c', count: 1 };
    const credentials = digestCredentials(chosen('Digest realm="a\\"b", nonce="n"'), request, hash);
    const md5 = (text: string) => createHash('md5').update(text, 'utf8').digest('hex');
    const response = md5(`${md5('zo\u00eb:a"b:p\u00e4ss')}:n:${md5('GET:/')}`);
    expect(Buffer.from(credentials, 'latin1').toString('utf8')).toBe(
      `Digest username="zo\u00eb", realm="a\\"b", nonce="n", uri="/", response="${response}", algorithm=MD5`,
    );
  });
});
