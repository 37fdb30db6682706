import { createHmac, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { type CapReading, readCap } from './cap-reading.ts';

export interface InboxAccount {
  /** The `Authorization` header that requests must have; absent if none is required. */
  readonly authorization?: string;
  /** Headers that requests must have, with names in lower case. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Secret that signs webhooks; absent if the inbox accepts no webhooks. */
  readonly secret?: string;
}

/** A posted message that passed all checks. */
export type Posted =
  | {
      readonly type: 'cap';
      readonly key: string;
      readonly text: string;
      readonly body: string;
      readonly cap: CapReading;
    }
  | {
      readonly type: 'webhook';
      readonly key: string;
      readonly text: string;
      readonly body: string;
      readonly document: Readonly<Record<string, unknown>>;
    };

type Judgement = { readonly status: 200; readonly posted: Posted } | { readonly status: number; readonly why: string };

/** Largest deviation of a signature's time before it is refused. */
const SIGNATURE_MS = 5 * 60_000;

export function judgePost(account: InboxAccount, headers: IncomingHttpHeaders, body: string, nowMs: number): Judgement {
  if (account.authorization !== undefined && headers.authorization !== account.authorization) {
    return { status: 401, why: 'the Authorization header is missing or wrong' };
  }
  for (const [name, value] of Object.entries(account.headers ?? {})) {
    if (headers[name] !== value) return { status: 403, why: `the header ${name} is missing or wrong` };
  }
  const type = headers['content-type']?.split(';')[0];
  if (type === 'application/cap+xml') return judgeCap(body);
  if (type === 'application/json') return judgeWebhook(account, headers, body, nowMs);
  return { status: 415, why: `content type ${type}` };
}

function judgeCap(body: string): Judgement {
  const cap = readCap(body);
  if (cap === undefined) return { status: 400, why: 'this is no CAP 1.2 message' };
  const posted = { type: 'cap', key: `${cap.sender},${cap.identifier}`, text: cap.headline, body, cap } as const;
  return { status: 200, posted };
}

function judgeWebhook({ secret }: InboxAccount, headers: IncomingHttpHeaders, body: string, nowMs: number): Judgement {
  const signature = headers['callpoint-signature'];
  if (secret === undefined || typeof signature !== 'string' || !isSigned(secret, signature, body, nowMs)) {
    return { status: 401, why: 'the signature is missing, wrong or old' };
  }
  const document = jsonObject(body);
  if (document === undefined) return { status: 400, why: 'this is no JSON object' };
  const { id, text } = document;
  if (typeof id !== 'string' || typeof text !== 'string' || headers['idempotency-key'] !== id) {
    return { status: 422, why: 'id or text is missing, or the idempotency key is another' };
  }
  return { status: 200, posted: { type: 'webhook', key: id, text, body, document } };
}

/** Checks a signature as a receiver's own program would. */
export function isSigned(secret: string, header: string, body: string, nowMs: number): boolean {
  const [, seconds, signature] = /^t=(\d{1,12}),v1=([0-9a-f]{64})$/.exec(header) ?? [];
  if (seconds === undefined || signature === undefined) return false;
  if (Math.abs(nowMs - Number(seconds) * 1000) > SIGNATURE_MS) return false;
  const wanted = createHmac('sha256', secret).update(`${seconds}.${body}`).digest();
  return timingSafeEqual(wanted, Buffer.from(signature, 'hex'));
}

function jsonObject(body: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(body);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : undefined;
  } catch {
    return undefined;
  }
}
