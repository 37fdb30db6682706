import { z } from 'zod';
import type { InboxBehaviour } from '../https/behaviour.ts';
import { type Inbox, type InboxOptions, startInbox } from '../https/inbox.ts';
import type { Posted } from '../https/judge.ts';
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
import { monotonicMs, Screen } from './screen.ts';
import { type SimulatedPath, secretText } from './site-file.ts';

const shape = z.object({ url: z.url(), auth: z.string().default('none'), user: z.string().optional() });

const BEHAVIOURS: Readonly<Record<FarEndBehaviour, InboxBehaviour>> = {
  normal: { type: 'normal' },
  refuse: { type: 'refuse' },
  hang: { type: 'hang' },
  late: { type: 'late', ms: LATE_MS },
  loseAnswers: { type: 'closeBeforeAnswering' },
  drip: { type: 'drip', ms: DRIP_MS },
};

/** A desk that takes CAP messages, or a program that takes webhooks. @throws Unplayable, ZodError, Error of `node:net` */
export async function startHttpsFarEnd(path: SimulatedPath, means: FarEndMeans): Promise<FarEnd> {
  const url = new URL(shape.parse(path.written).url);
  const isTls = url.protocol === 'https:';
  const host = ownHost(url.hostname);
  const port = Number(url.port || (isTls ? 443 : 80));
  const inbox = await startInbox({ host, port, ...proofs(path), ...(isTls ? { tls: tlsOf(means) } : {}) });
  const what = path.driver === 'cap' ? 'CAP desk' : 'webhook inbox';
  return farEnd({
    path: path.id,
    driver: path.driver,
    what: `${what} at ${url.protocol}//${host}:${port}`,
    screen: screenOf(inbox),
    behave: (how) => inbox.behave(BEHAVIOURS[how]),
    close: () => inbox.close(),
  });
}

/** What who posts has to show. */
function proofs(path: SimulatedPath): Pick<InboxOptions, 'authorization' | 'secret'> {
  if (path.driver === 'webhook') return { secret: secretText(path) };
  const { auth, user } = shape.parse(path.written);
  if (auth === 'bearer') return { authorization: `Bearer ${secretText(path)}` };
  if (auth !== 'basic') return {};
  return { authorization: `Basic ${Buffer.from(`${user}:${secretText(path)}`).toString('base64')}` };
}

function screenOf(inbox: Inbox): Screen {
  const screen = new Screen();
  inbox.on((notice) => {
    if (notice.type === 'posted') {
      const { posted, isNew } = notice;
      const { key, text } = posted;
      screen.take(key, { text, id: idOf(posted), terms: termsOf(posted), firstMs: monotonicMs() }, isNew);
    } else if (notice.type === 'refused') screen.remark(`refused (${notice.status}): ${notice.why}`);
    else if (notice.type === 'connectionError') screen.remark(`connection: ${notice.detail}`);
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
