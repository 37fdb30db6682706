import type { HttpsPathSettings } from '../../paths/https-path.ts';
import { required, seconds } from '../fields/values.ts';
import type { View } from '../read/view.ts';
import type { WrittenHttps } from './https-fields.ts';
import type { PathSources } from './path-config.ts';

/** Names of a path's further secrets in keys.yaml, besides the one with the path's own name. */
const PROXY_SECRET = 'proxy';
const headerSecret = (name: string) => `headers.${name}`;

/** Two URLs on one server fail together. */
export function urlServer(path: View): string | undefined {
  const written = path.text('url') ?? '';
  if (!URL.canParse(written)) return undefined;
  const url = new URL(written);
  const port = url.port || (url.protocol === 'https:' ? '443' : '80');
  return `${url.hostname.replace(/^\[(.*)\]$/, '$1')} ${port}`;
}

export function handsOver(path: View): boolean {
  return path.text('acknowledges') === 'handover';
}

/** The server asks for a password or token. */
export function hasAuth(path: View): boolean {
  const auth = path.text('auth');
  return auth !== undefined && auth !== 'none';
}

/** What is in keys.yaml besides the path's own secret. */
export function moreHttpsSecrets(path: View): readonly string[] {
  const headers = path.list('headers').filter((header) => !header.has('value'));
  const names = headers.flatMap((header) => header.text('name') ?? []);
  return [...names.map(headerSecret), ...(path.child('proxy').has('user') ? [PROXY_SECRET] : [])];
}

/** @param authSecret the name in keys.yaml of the password or token, if `auth` asks for one */
export function httpsSettings(
  written: WrittenHttps & { readonly id: string },
  sources: PathSources,
  authSecret: string,
): HttpsPathSettings {
  const { id, url, connections, redirects } = written;
  const { acknowledges, expect } = written;
  const secretOf = (name: string) => required(sources.keys.pathSecrets.get(name), `secret ${name}`);
  const auth = authOf(written, () => secretOf(authSecret));
  const own = written.headers.map(({ name, value }) => [name, value ?? secretOf(`${id}.${headerSecret(name)}`)]);
  const hidden = written.headers.flatMap(({ name, value }) => (value === undefined ? [name] : []));
  const headers: Record<string, string> = { ...Object.fromEntries(own), ...auth.headers };
  const serverName = written.tls?.serverName;
  return {
    id,
    ...(acknowledges && { acknowledges }),
    ...(expect && { expect: expectationOf(expect) }),
    secrets: [...auth.secrets, ...hidden.map((name) => headers[name] ?? '')].filter((secret) => secret !== ''),
    endpoint: {
      url,
      connections,
      redirects,
      headers,
      connectTimeoutMs: seconds(written.connectTimeoutSeconds),
      tls: { ...sources.tls.get(id), ...(serverName === undefined ? {} : { serverName }) },
      ...(auth.account && { account: auth.account }),
      ...proxyOf(written, () => secretOf(`${id}.${PROXY_SECRET}`)),
    },
  };
}

interface Auth {
  readonly headers: Readonly<Record<string, string>>;
  readonly secrets: readonly string[];
  readonly account?: { readonly user: string; readonly password: string };
}

function authOf({ auth, user = '' }: WrittenHttps, secret: () => string): Auth {
  if (auth === 'none') return { headers: {}, secrets: [] };
  const password = secret();
  if (auth === 'digest') return { headers: {}, secrets: [password], account: { user, password } };
  const value = auth === 'bearer' ? password : Buffer.from(`${user}:${password}`, 'utf8').toString('base64');
  const scheme = auth === 'bearer' ? 'Bearer' : 'Basic';
  return { headers: { authorization: `${scheme} ${value}` }, secrets: [password, value] };
}

function proxyOf({ proxy }: WrittenHttps, secret: () => string): Pick<HttpsPathSettings['endpoint'], 'proxy'> {
  if (proxy === undefined) return {};
  const { url, user, auth } = proxy;
  if (user === undefined) return { proxy: { url } };
  return { proxy: { url, account: { user, password: secret(), ...(auth === 'basic' && { allowBasic: true }) } } };
}

function expectationOf({ status, json, text }: NonNullable<WrittenHttps['expect']>) {
  return {
    ...(status && { statuses: status }),
    ...(json && { member: { names: json.member.split('.'), value: json.value } }),
    ...(text !== undefined && { text: text.trim() }),
  };
}
