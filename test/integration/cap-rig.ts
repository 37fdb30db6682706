import { readFileSync } from 'node:fs';
import { type Inbox, type InboxOptions, startInbox } from '../../device-sim/https/inbox.ts';
import type { Attempt, Outcome, Report } from '../../gateway/core/report.ts';
import { createCapDriver } from '../../gateway/paths/cap/driver.ts';
import type { CapSettings } from '../../gateway/paths/cap/settings.ts';
import type { HttpsPathServices } from '../../gateway/paths/https-path.ts';
import type { HttpsEndpoint } from '../../gateway/paths/https-sender.ts';
import type { PathDriver, PathSink } from '../../gateway/paths/path-driver.ts';
import { createWebhookDriver } from '../../gateway/paths/webhook/driver.ts';
import type { WebhookSettings } from '../../gateway/paths/webhook/settings.ts';
import { alarm, places, source } from '../unit/cap/cap-reports.ts';
import { Waiting } from './support/waiting.ts';

const pem = (name: string) => readFileSync(new URL(`fixtures/https-${name}.pem`, import.meta.url), 'utf8');
const pair = (name: string) => ({ certificate: pem(`${name}.cert`), key: pem(`${name}.key`) });

/**
 * `server` and `client` are signed by `authority`. `stranger` is signed by another, and `elsewhere`
 * has another name.
 */
export const certificates = {
  authority: pem('ca'),
  server: pair('server'),
  client: pair('client'),
  stranger: pair('stranger'),
  elsewhere: pair('elsewhere'),
};

export const SECRET = 'correct horse battery staple';
export const acknowledged = { type: 'receiverAcknowledged' } as const;

/** Collects a driver's reports and lets a test wait for them. */
class Outcomes implements PathSink {
  readonly all: { readonly attempt: number; readonly outcome: Outcome }[] = [];
  readonly sentAttempts: number[] = [];
  readonly #waiting = new Waiting();

  sent(_path: string, attempt: number): void {
    this.sentAttempts.push(attempt);
    this.#waiting.check();
  }

  outcome(_path: string, attempt: number, outcome: Outcome): void {
    this.all.push({ attempt, outcome });
    this.#waiting.check();
  }

  of(attempt: number): Outcome | undefined {
    return this.all.find((each) => each.attempt === attempt)?.outcome;
  }

  async until(what: string, met: () => boolean): Promise<void> {
    await this.#waiting.until(what, met, () => this.all);
  }
}

export interface Rig {
  readonly driver: PathDriver;
  readonly outcomes: Outcomes;
  /** Sends a report and waits for its outcome. */
  send(report: Report): Promise<Outcome>;
  poll(): Promise<Outcome>;
  /** @returns the number of the attempt */
  begin(report?: Report): number;
}

interface Stand {
  inbox(options?: Partial<InboxOptions>): Promise<Inbox>;
  cap(endpoint: Partial<HttpsEndpoint>, more?: Partial<CapSettings>, services?: Partial<HttpsPathServices>): Rig;
  webhook(
    endpoint: Partial<HttpsEndpoint>,
    more?: Partial<WebhookSettings>,
    services?: Partial<HttpsPathServices>,
  ): Rig;
  /** Stops and closes everything that was started. */
  close(): Promise<void>;
}

export function createStand(): Stand {
  const open: (() => Promise<void>)[] = [];
  const rigOf = (make: (sink: PathSink) => PathDriver): Rig => {
    const rig = startRig(make);
    open.push(() => rig.driver.stop());
    return rig;
  };
  return {
    async inbox(options = {}) {
      const inbox = await startInbox({ port: 0, secret: SECRET, ...options });
      open.push(() => inbox.close());
      return inbox;
    },
    cap(endpoint, more = {}, services = {}) {
      const settings = { driver: 'cap' as const, source, ...common(endpoint), ...more };
      return rigOf((sink) => createCapDriver(settings, sink, { nowWallMs: Date.now, ...services }));
    },
    webhook(endpoint, more = {}, services = {}) {
      const settings = { driver: 'webhook' as const, secret: SECRET, places, ...common(endpoint), ...more };
      return rigOf((sink) => createWebhookDriver(settings, sink, { nowWallMs: Date.now, ...services }));
    },
    async close() {
      for (const one of open.splice(0).reverse()) await one();
    },
  };
}

function common(endpoint: Partial<HttpsEndpoint>) {
  const whole = { url: 'http://127.0.0.1:1/', connections: 4, connectTimeoutMs: 1_000, ...endpoint };
  return { id: 'desk', endpoint: whole };
}

function startRig(make: (sink: PathSink) => PathDriver): Rig {
  const outcomes = new Outcomes();
  const driver = make(outcomes);
  driver.start();
  let attempts = 0;
  const begin = (report?: Report) => {
    attempts += 1;
    const attempt: Attempt = { attempt: attempts, path: 'desk', sequence: 1, clockOffsetMs: 0, format: 0 };
    driver.send(report === undefined ? { ...attempt, sequence: 0 } : { ...attempt, report });
    return attempts;
  };
  const outcome = async (attempt: number) => {
    await outcomes.until(`the outcome of attempt ${attempt}`, () => outcomes.of(attempt) !== undefined);
    const found = outcomes.of(attempt);
    if (found === undefined) throw new Error('it is there');
    return found;
  };
  return { driver, outcomes, begin, send: (report) => outcome(begin(report)), poll: () => outcome(begin()) };
}

/** Resolves as soon as the condition holds. It is checked at each notice of the inbox. */
export async function until(inbox: Inbox, what: string, met: () => boolean): Promise<void> {
  const waiting = new Waiting();
  const off = inbox.on(() => waiting.check());
  await waiting.until(what, met).finally(off);
}

/** Returns the alarm number `index` of a storm. */
export function alarmNumber(index: number): Report {
  return { ...alarm, id: `wb-101.5.${index}`, alert: { ...alarm.alert, id: `wb-101.5.${index}` } };
}
