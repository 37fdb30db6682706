import { z } from 'zod';
import { CallpointError } from '../../protocol/errors.ts';
import type { InboxBehaviour } from '../https/behaviour.ts';
import { type Inbox, type InboxOptions, startInbox } from '../https/inbox.ts';
import type { Posted } from '../https/judge.ts';
import { SimulatedProxy } from '../https/proxy.ts';
import {
  DRIP_MS,
  type FarEnd,
  type FarEndBehaviour,
  type FarEndMeans,
  farEnd,
  LATE_MS,
  ownHost,
  tlsOf,
} from './far-end.ts';
import { httpsManners } from './https-manners.ts';
import { monotonicMs, Screen } from './screen.ts';
import { type SimulatedPath, secretText } from './site-file.ts';
import { text } from './site-shape.ts';

const shape = z.object({
  url: z.url(),
  auth: z.string().default('none'),
  user: text.optional(),
  headers: z.array(z.object({ name: z.string(), value: text.optional() })).default([]),
  proxy: z.object({ url: z.url(), user: text.optional(), auth: z.string().default('digest') }).optional(),
});
type Written = z.infer<typeof shape>;

const BEHAVIOURS: Readonly<Record<FarEndBehaviour, InboxBehaviour>> = {
  normal: { type: 'normal' },
  refuse: { type: 'refuse' },
  hang: { type: 'hang' },
  late: { type: 'late', ms: LATE_MS },
  loseAnswers: { type: 'closeBeforeAnswering' },
  drip: { type: 'drip', ms: DRIP_MS },
};

/**
 * A desk that receives CAP messages, or a program that receives webhooks.
 * @throws Unplayable, ZodError, Error of `node:net`
 */
export async function startHttpsFarEnd(path: SimulatedPath, means: FarEndMeans): Promise<FarEnd> {
  const written = shape.parse(path.written);
  const url = new URL(written.url);
  const isTls = url.protocol === 'https:';
  const host = ownHost(url.hostname);
  const port = Number(url.port || (isTls ? 443 : 80));
  const options = { host, port, ...proofs(path, written), ...(isTls ? { tls: tlsOf(means) } : {}) };
  const proxy = await startProxy(path, written);
  const inbox = await startInbox(options).catch(async (error: unknown) => {
    await proxy?.close();
    throw error;
  });
  const what = path.driver === 'cap' ? 'CAP desk' : 'webhook inbox';
  return farEnd({
    path: path.id,
    driver: path.driver,
    what: `${what} at ${url.protocol}//${host}:${port}${proxy === undefined ? '' : `, behind a proxy on ${proxy.port}`}`,
    screen: screenOf(inbox),
    behave: async (how) => {
      if (how === 'normal') {
        proxy?.behave({ type: 'normal' });
        inbox.gate?.change({});
      }
      await inbox.behave(BEHAVIOURS[how]);
    },
    own: httpsManners(path.driver, isTls, inbox, proxy),
    close: async () => {
      await inbox.close();
      await proxy?.close();
    },
  });
}

/** What a sender must show. */
function proofs(path: SimulatedPath, { auth, user = '', headers }: Written): Partial<InboxOptions> {
  const isWebhook = path.driver === 'webhook';
  const own = headers.map(({ name, value }) => [name.toLowerCase(), value ?? secretNamed(path, `headers.${name}`)]);
  const asked = { headers: Object.fromEntries(own), ...(isWebhook ? { secret: secretText(path) } : {}) };
  if (auth === 'none') return asked;
  const password = isWebhook ? secretNamed(path, 'auth') : secretText(path);
  if (auth === 'digest') return { ...asked, digest: { user, password } };
  if (auth === 'bearer') return { ...asked, authorization: `Bearer ${password}` };
  return { ...asked, authorization: `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}` };
}

/** The proxy that the path goes through, if it is on this machine as well. */
async function startProxy(path: SimulatedPath, { proxy }: Written): Promise<SimulatedProxy | undefined> {
  if (proxy === undefined) return undefined;
  const url = new URL(proxy.url);
  const account = proxy.user === undefined ? undefined : { user: proxy.user, password: secretNamed(path, 'proxy') };
  const started = new SimulatedProxy({
    host: ownHost(url.hostname),
    port: Number(url.port || 80),
    ...(account && { account: proxy.auth === 'basic' ? { basic: account } : { digest: account } }),
  });
  await started.listen();
  return started;
}

/** @throws CallpointError CONFIG_INVALID */
function secretNamed({ id, moreSecrets }: SimulatedPath, name: string): string {
  const secret = moreSecrets?.get(name);
  if (secret !== undefined) return secret;
  throw new CallpointError('CONFIG_INVALID', `the keys file has no ${id}.${name} under paths:`);
}

function screenOf(inbox: Inbox): Screen {
  const screen = new Screen();
  inbox.on((notice) => {
    if (notice.type === 'posted') {
      const { posted, isNew } = notice;
      const { key, text } = posted;
      screen.take(key, { text, id: idOf(posted), terms: termsOf(posted), firstMs: monotonicMs() }, isNew);
    } else if (notice.type === 'refused') {
      const how = notice.status === 0 ? 'not answered' : `refused (${notice.status})`;
      screen.remark(`${how}: ${notice.why}`);
    } else if (notice.type === 'connectionError') screen.remark(`connection: ${notice.detail}`);
  });
  return screen;
}

function idOf(posted: Posted): string {
  return posted.type === 'cap' ? posted.cap.identifier : posted.key;
}

function termsOf(posted: Posted): string {
  if (posted.type === 'cap') return `${posted.cap.status} ${posted.cap.msgType}`;
  const { class: reportClass, exercise } = posted.document;
  return [exercise, reportClass].filter((word) => typeof word === 'string').join(' ');
}
