import type { Acknowledges } from '../../paths/https-answer.ts';
import type { HttpsPathSettings } from '../../paths/https-path.ts';
import { addressKind, isBrokenAddress } from '../fields/address.ts';
import { choice, number, text, whole } from '../fields/fields.ts';
import { seconds } from '../fields/values.ts';
import type { View } from '../read/view.ts';
import type { PathSources } from './path-config.ts';
import { tls } from './path-fields.ts';

/** What paths over HTTPS have in common. */
export const HTTPS_FIELDS = {
  url: text(
    /^https?:\/\/[^\s#]{1,2000}$/,
    'an address that begins with https://, such as https://alerts.centre.net/inbox',
    'Where to post: https, or http on this machine.',
  ),
  tls: tls.optional().describe('How both sides prove themselves beyond the usual.'),
  acknowledges: choice(
    ['delivery', 'handover'],
    'What an answer of 2xx proves. delivery: the receiver has it. handover: a relay has it, which confirms nothing.',
  ).default('delivery'),
  connections: whole(1, 16, 4, 'Requests at once, and connections kept open when idle.').default(4),
  connectTimeoutSeconds: number(0.1, 60, 3, 'Longest wait for a connection, TLS included.').default(3),
} as const;

/** What both drivers say of themselves to the fields all paths have. */
export const HTTPS_DEFAULTS = {
  answerTimeoutSeconds: 4,
  answerTimeoutMost: 20,
  // Somebody's web server: asked less often than a receiver made for it.
  supervision: { mode: 'null', intervalSeconds: 60, testIntervalSeconds: 900 },
} as const;

interface WrittenHttps {
  readonly id: string;
  readonly url: string;
  readonly tls?: { readonly serverName?: string | undefined } | undefined;
  readonly acknowledges: Acknowledges;
  readonly connections: number;
  readonly connectTimeoutSeconds: number;
}

export function checkUrl(path: View): void {
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

/** Two URLs on one server break together. */
export function urlServer(path: View): string | undefined {
  const url = parsed(path.text('url') ?? '');
  if (url === undefined) return undefined;
  const port = url.port || (url.protocol === 'https:' ? '443' : '80');
  return `${url.hostname.replace(/^\[(.*)\]$/, '$1')} ${port}`;
}

export function httpsSettings(written: WrittenHttps, sources: PathSources): HttpsPathSettings {
  const { id, url, acknowledges, connections } = written;
  const serverName = written.tls?.serverName;
  const tls = { ...sources.tls.get(id), ...(serverName === undefined ? {} : { serverName }) };
  return {
    id,
    acknowledges,
    endpoint: { url, connections, connectTimeoutMs: seconds(written.connectTimeoutSeconds), tls },
  };
}

function parsed(url: string): URL | undefined {
  return URL.canParse(url) ? new URL(url) : undefined;
}
