import type { InboxBehaviour } from '../https/behaviour.ts';
import type { DigestGateOptions } from '../https/digest-gate.ts';
import type { Inbox } from '../https/inbox.ts';
import type { ProxyBehaviour, SimulatedProxy } from '../https/proxy.ts';
import type { FarEndParts } from './far-end.ts';

const REFUSING = [400, 401, 403, 404, 410, 413, 422, 429, 500, 503] as const;
const POLLED = [403, 404, 405, 501, 503] as const;
/** Answer of a real connector that had lost the message. */
const LOST = 'Delivery failed: endpoint returned HTTP error 429';
const MOVED = '/moved';

const ALL: Readonly<Record<string, InboxBehaviour>> = {
  ...named('refuse', REFUSING, (status) => ({ type: 'status', status })),
  ...named('poll', POLLED, (status) => ({ type: 'polls', status })),
  failPolls: { type: 'firstTimeEach', status: 503, polls: 403 },
  retryAfter: { type: 'status', status: 503, headers: { 'retry-after': '60' } },
  relayed: { type: 'status', status: 202, takes: true, body: '' },
  errorIn200: { type: 'status', status: 200, headers: { 'content-type': 'text/plain' }, body: LOST },
  redirect307: { type: 'status', status: 307, location: MOVED, exceptAt: MOVED },
  redirect302: { type: 'status', status: 302, location: MOVED, exceptAt: MOVED },
  redirectHttp: { type: 'status', status: 307, location: 'http://127.0.0.1:9/' },
};
const CAP: Readonly<Record<string, InboxBehaviour>> = {
  capError: { type: 'capReply', msgType: 'Error', note: 'rejected: sender not authorised' },
  capAck: { type: 'capReply', msgType: 'Ack' },
};
const FORMS: Readonly<Record<string, Partial<DigestGateOptions>>> = {
  oneTimeNonces: { nonces: 'once', saysStale: false },
  nextNonce: { nonces: 'onceAndNext' },
  md5Sess: { algorithms: ['MD5-sess'] },
  sha256Sess: { algorithms: ['SHA-256-sess'] },
};
const PROXY: Readonly<Record<string, ProxyBehaviour>> = {
  ...named('proxy', [403, 502] as const, (status) => ({ type: 'status', status })),
  proxyHang: { type: 'hang' },
};

/**
 * Behaviours of a far end over HTTPS beyond those of all far ends. Receivers, connectors and
 * proxies in the field behave like this.
 */
export function httpsManners(driver: string, isTls: boolean, inbox: Inbox, proxy: SimulatedProxy | undefined) {
  const { gate } = inbox;
  const behaviours = { ...ALL, ...(driver === 'cap' ? CAP : {}), ...(isTls ? { http2Only: HTTP2_ONLY } : {}) };
  const own: NonNullable<FarEndParts['own']> = {
    ...mapped(behaviours, (how) => inbox.behave(how)),
    ...(gate === undefined
      ? {}
      : {
          ...mapped(FORMS, (form) => gate.change(form)),
          newNonces: () => gate.renew(),
        }),
    ...(proxy === undefined ? {} : mapped(PROXY, (how) => proxy.behave(how))),
  };
  return own;
}

const HTTP2_ONLY: InboxBehaviour = { type: 'http2Only' };

function named<T>(name: string, statuses: readonly number[], behaviour: (status: number) => T): Record<string, T> {
  return Object.fromEntries(statuses.map((status) => [`${name}${status}`, behaviour(status)]));
}

function mapped<T>(all: Readonly<Record<string, T>>, run: (how: T) => Promise<void> | void) {
  return Object.fromEntries(Object.entries(all).map(([name, how]) => [name, () => run(how)]));
}
