import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { askedBy, DigestCredentials } from '../../../gateway/paths/digest-credentials.ts';

const account = { user: 'gw-1', password: 'secret of gw-1' };
const none = { server: [], proxy: [] };
const offer = (nonce: string, more = '', realm = 'a') => `Digest realm="${realm}", nonce="${nonce}", qop="auth"${more}`;

function parametersOf(value = ''): Partial<Record<'realm' | 'nonce' | 'nc' | 'cnonce' | 'response', string>> {
  return Object.fromEntries(
    [...value.matchAll(/(\w+)="?([^",]*)"?/g)].map(([, name = '', written = '']) => [name, written]),
  );
}

describe('credentials', () => {
  test('are sent to nobody who has not asked, and ahead of time to who has', () => {
    const credentials = new DigestCredentials(account);
    const first = credentials.exchange();
    expect(first.headersFor('GET', '/')).toEqual([]);
    expect(first.challenged({ ...none, server: [offer('n1')] })).toBeUndefined();
    const counts = [first.headersFor('GET', '/'), credentials.exchange().headersFor('GET', '/')].map(
      ([header]) => parametersOf(header?.value).nc,
    );
    expect(counts).toEqual(['00000001', '00000002']);
  });

  test('for a proxy and the server behind it go together', () => {
    const exchange = new DigestCredentials(account).exchange();
    expect(exchange.challenged({ ...none, proxy: [offer('p1', '', 'proxy')] })).toBeUndefined();
    expect(exchange.headersFor('MESSAGE', 'sip:a@b').map(({ name }) => name)).toEqual(['Proxy-Authorization']);
    expect(exchange.challenged({ ...none, server: [offer('s1')] })).toBeUndefined();
    expect(exchange.headersFor('MESSAGE', 'sip:a@b').map(({ name }) => name)).toEqual([
      'Proxy-Authorization',
      'Authorization',
    ]);
  });

  test('for several realms of one answer go together (RFC 3261 §22.3)', () => {
    const exchange = new DigestCredentials(account).exchange();
    expect(exchange.challenged({ ...none, proxy: [offer('1', '', 'a'), offer('2', '', 'b')] })).toBeUndefined();
    const headers = exchange.headersFor('MESSAGE', 'sip:a@b');
    expect(headers.map(({ value }) => parametersOf(value).realm)).toEqual(['a', 'b']);
  });

  test('a wrong password is said once it was answered, and not tried ahead of time again', () => {
    const credentials = new DigestCredentials(account);
    const exchange = credentials.exchange();
    exchange.challenged({ ...none, server: [offer('n1', ', algorithm=SHA-256-sess')] });
    exchange.headersFor('GET', '/');
    const why = exchange.challenged({ ...none, server: [offer('n2', ', algorithm=SHA-256-sess')] });
    expect(why).toContain('does not accept our user and password (Digest SHA-256-sess, realm a)');
    expect(why).not.toContain(account.password);
    expect(credentials.exchange().headersFor('GET', '/')).toEqual([]);
  });

  test('a stale nonce is replaced, within bounds', () => {
    const exchange = new DigestCredentials(account).exchange();
    for (const nonce of ['n1', 'n2', 'n3', 'n4']) {
      expect(exchange.challenged({ ...none, server: [offer(nonce, ', stale=true')] })).toBeUndefined();
      expect(parametersOf(exchange.headersFor('GET', '/')[0]?.value)).toMatchObject({ nonce, nc: '00000001' });
    }
    expect(exchange.challenged({ ...none, server: [offer('n5', ', stale=true')] })).toContain('5 times');
  });

  test('a nonce that another realm used up is no wrong password, though nobody says stale', () => {
    const exchange = new DigestCredentials(account).exchange();
    exchange.challenged({ ...none, proxy: [offer('p1', '', 'proxy')] });
    exchange.headersFor('MESSAGE', 'sip:a@b');
    exchange.challenged({ ...none, server: [offer('s1')] });
    exchange.headersFor('MESSAGE', 'sip:a@b');
    expect(exchange.challenged({ ...none, proxy: [offer('p2', '', 'proxy')] })).toBeUndefined();
    exchange.headersFor('MESSAGE', 'sip:a@b');
    expect(exchange.challenged({ ...none, proxy: [offer('p3', '', 'proxy')] })).toContain('does not accept');
  });

  test('no header can be broken by what a stranger writes', () => {
    const exchange = new DigestCredentials(account).exchange();
    exchange.challenged({ ...none, server: ['Digest realm="a\r\n\0X: y", nonce="\u0001\u{1f600}", opaque="\x7f"'] });
    for (const { value } of exchange.headersFor('GET', '/')) expect(value).toMatch(/^[\t\x20-\x7e\x80-\xff]*$/);
  });

  test('a nonce used up by an earlier message is no wrong password', () => {
    const credentials = new DigestCredentials(account);
    credentials.exchange().challenged({ ...none, server: [offer('n1')] });
    const next = credentials.exchange();
    expect(parametersOf(next.headersFor('GET', '/')[0]?.value)).toMatchObject({ nonce: 'n1' });
    expect(next.challenged({ ...none, server: [offer('n2')] })).toBeUndefined();
  });

  test('the next nonce is taken from the answer', () => {
    const credentials = new DigestCredentials(account);
    const exchange = credentials.exchange();
    exchange.challenged({ ...none, server: [offer('n1')] });
    exchange.ended({ ...none, server: ['nextnonce="n2", qop=auth'] });
    expect(parametersOf(credentials.exchange().headersFor('GET', '/')[0]?.value)).toMatchObject({
      nonce: 'n2',
      nc: '00000001',
    });
  });

  test('of a session keep its client nonce', () => {
    const credentials = new DigestCredentials(account);
    credentials.exchange().challenged({ ...none, server: [offer('n1', ', algorithm=MD5-sess')] });
    const [first, second] = [1, 2].map(() => parametersOf(credentials.exchange().headersFor('GET', '/')[0]?.value));
    expect(first?.cnonce).toBe(second?.cnonce);
    const md5 = (text: string) => createHash('md5').update(text).digest('hex');
    const a1 = md5(`${md5(`gw-1:a:${account.password}`)}:n1:${first?.cnonce}`);
    expect(second?.response).toBe(md5(`${a1}:n1:00000002:${first?.cnonce}:auth:${md5('GET:/')}`));
  });

  test('in clear only where that is allowed and nothing better is offered', () => {
    const asked = { ...none, server: ['Basic realm="a"'] };
    expect(new DigestCredentials(account).exchange().challenged(asked)).toContain('Basic');
    const allowed = new DigestCredentials({ ...account, allowBasic: true });
    const exchange = allowed.exchange();
    expect(exchange.challenged(asked)).toBeUndefined();
    expect(exchange.headersFor('GET', '/')[0]?.value).toBe(`Basic ${btoa(`gw-1:${account.password}`)}`);
    expect(exchange.challenged(asked)).toContain('does not accept');
    const other = allowed.exchange();
    expect(other.challenged({ ...none, server: ['Basic realm="a"', offer('n1')] })).toBeUndefined();
    expect(other.headersFor('GET', '/').map(({ value }) => value.slice(0, 6))).toEqual(['Digest']);
  });

  test.each([
    [['Digest realm="a", nonce="n", algorithm=SHA-384'], 'Digest SHA-384'],
    [['Digest realm="a", nonce="n", qop="auth-int"', 'NTLM'], 'Digest MD5 with qop auth-int, ntlm'],
    [[], 'does not say'],
  ])('%j: what is not known is named', (server, name) => {
    expect(new DigestCredentials(account).exchange().challenged({ ...none, server })).toContain(name);
  });

  test('a far end that invents realms takes no room', () => {
    const credentials = new DigestCredentials(account);
    for (let n = 0; n < 100; n++) credentials.exchange().challenged({ ...none, server: [offer('n', '', `r${n}`)] });
    expect(credentials.exchange().headersFor('GET', '/')).toHaveLength(8);
    const at = Array.from({ length: 100 }, (_, n) => offer('n', '', `s${n}`));
    credentials.exchange().challenged({ ...none, server: at });
    expect(credentials.exchange().headersFor('GET', '/')).toHaveLength(8);
  });

  test('how a far end asks is said in few words', () => {
    expect(askedBy({ server: [offer('n', ', algorithm=MD5-sess'), 'Basic realm="a"'], proxy: [] })).toBe(
      'Digest MD5-sess, Basic',
    );
  });
});
