import { addressKind, isBrokenAddress } from '../fields/address.ts';
import type { View } from '../read/view.ts';
import { checkPasswordInClear } from './check-host.ts';

/** Headers that control how a request is read. Another value would make it another request. */
const RESERVED = new Set([
  'connection',
  'content-encoding',
  'content-length',
  'content-type',
  'expect',
  'host',
  'idempotency-key',
  'keep-alive',
  'callpoint-signature',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);
const SECRET_NAME = /key|token|secret|passw|credential|auth/i;

/** Finds fields of a path over HTTPS that are right by themselves but not together. */
export function checkHttps(path: View): void {
  checkUrl(path);
  checkAuth(path);
  checkHeaders(path);
  checkProxy(path);
  const expect = path.child('expect');
  if (path.has('expect') && path.isMapping('expect') && expect.keys().length === 0) {
    path.wrong('expect', 'this expects nothing', 'write status:, json: or text: under it, or remove it');
  }
}

function checkUrl(path: View): void {
  const written = path.text('url');
  if (written === undefined) return;
  const url = parsed(written);
  if (url === undefined || isBrokenAddress(url.hostname)) {
    path.wrong('url', 'this is not a URL', 'write it like https://alerts.centre.net/inbox');
    return;
  }
  const kind = addressKind(url.hostname);
  if (url.username !== '' || url.password !== '') {
    path.wrong('url', 'a user name or password stands in the URL', 'write it in keys.yaml, under paths:');
  }
  if (url.protocol === 'http:' && kind !== 'loopback') {
    path.wrong('url', 'alerts over http can be read, forged and dropped unnoticed on their way', 'write https://');
  }
  if (url.protocol === 'http:' && path.has('tls')) {
    path.wrong('tls', 'there is no TLS over http', 'remove tls:, or write https://');
  }
  if (kind === 'documentation') {
    path.warn(
      'url',
      `${url.hostname} is reserved for examples: no server answers there`,
      'write the URL you were given',
    );
  }
}

function checkAuth(path: View): void {
  const auth = path.text('auth');
  const takesUser = auth === 'basic' || auth === 'digest';
  if (takesUser && !path.has('user')) path.wrong('auth', `auth: ${auth} needs a user name`, 'write user:');
  if (!takesUser && path.has('user')) {
    path.wrong('user', 'a user name is for auth: basic and auth: digest only', 'write auth: basic or auth: digest');
  }
}

function checkHeaders(path: View): void {
  const seen = new Set<string>();
  for (const header of path.list('headers')) {
    const name = header.text('name');
    if (name === undefined) continue;
    const lower = name.toLowerCase();
    if (seen.has(lower)) header.wrong('name', `the header ${name} is written twice`, 'remove one of the two');
    seen.add(lower);
    if (lower === 'authorization') {
      header.wrong('name', 'the header Authorization is made from auth:', 'write auth: bearer, basic or digest');
    } else if (RESERVED.has(lower) || lower.startsWith('proxy-')) {
      header.wrong('name', `the header ${name} is set by the gateway`, 'remove it');
    } else if (header.has('value') && SECRET_NAME.test(name)) {
      header.warn(
        'value',
        `the value of ${name} seems to be a secret, and site.yaml is no place for one`,
        `remove value: here, and write it in keys.yaml under paths: as ${path.text('id') ?? 'id'}.headers.${name}:`,
      );
    }
  }
}

function checkProxy(path: View): void {
  if (!path.has('proxy')) return;
  const proxy = path.child('proxy');
  const written = proxy.text('url');
  if (parsed(path.text('url') ?? '')?.protocol === 'http:') {
    path.wrong('proxy', 'what is on this machine is not reached through a proxy', 'remove proxy:, or write https://');
  }
  if (proxy.has('auth') && !proxy.has('user')) {
    proxy.wrong('auth', 'auth: under proxy: needs a user name', 'write user:');
  }
  if (written === undefined) return;
  const url = parsed(written);
  if (url === undefined || isBrokenAddress(url.hostname)) {
    proxy.wrong('url', 'this is not the address of a proxy', 'write it like http://10.0.0.1:3128');
    return;
  }
  if (url.username !== '' || url.password !== '') {
    proxy.wrong(
      'url',
      'a user name or password stands in the URL',
      `write user: under proxy:, and the password in keys.yaml under paths: as ${path.text('id') ?? 'id'}.proxy:`,
    );
  }
  if (proxy.text('auth') === 'basic') {
    checkPasswordInClear(proxy, 'auth', url.hostname, 'write auth: digest if the proxy knows it');
  }
}

function parsed(url: string): URL | undefined {
  return URL.canParse(url) ? new URL(url) : undefined;
}
