import type { OutgoingHttpHeaders } from 'node:http';
import type { WallMs } from '../../protocol/clocks.ts';
import type { Attempt, Outcome, Report } from '../core/report.ts';
import type { Names } from '../names/names.ts';
import { type Acknowledges, type AnswerReading, type AnswerRules, pollOutcome, reportOutcome } from './https-answer.ts';
import type { Expectation } from './https-expectation.ts';
import type { HttpsAnswer, HttpsSending } from './https-message.ts';
import { type HttpsEndpoint, HttpsSender } from './https-sender.ts';
import type { PathDriver, PathSink } from './path-driver.ts';

/**
 * What a 2xx proves: that the server whose certificate was checked says so. An answer is only as
 * good as its TLS connection. HTTP answers don't name their request: if a server answers one
 * request twice, the second answer can be taken for the answer to the next request on that
 * connection. Over http, which is for this machine only, any program on the port can answer. Our
 * signature, token or password proves our identity to the server, not the server's to us.
 */
export interface HttpsPathSettings {
  readonly id: string;
  readonly endpoint: HttpsEndpoint;
  readonly acknowledges?: Acknowledges;
  /** What an acknowledgement looks like; absent: any 2xx is one. */
  readonly expect?: Expectation;
  /** Secrets that must not appear in a message, even if the server repeats them. */
  readonly secrets?: readonly string[];
}

export interface HttpsPathServices extends Names {
  /** This machine's wall clock, ms since 1970 UTC. */
  nowWallMs(): WallMs;
}

/**
 * The content of the requests, and how to read the body that answers a report; absent: the body
 * says nothing.
 */
interface HttpsMessages {
  read?(report: Report, answer: HttpsAnswer): AnswerReading;
  report(report: Report): { readonly headers: OutgoingHttpHeaders; readonly body: string };
  pollHeaders(): OutgoingHttpHeaders;
}

/** A path that posts each report to one URL, and checks with HEAD that the server is there. */
export class HttpsPath implements PathDriver {
  readonly id: string;
  readonly #rules: AnswerRules;
  readonly #sink: PathSink;
  readonly #messages: HttpsMessages;
  readonly #sender: HttpsSender;
  readonly #underWay = new Map<number, HttpsSending>();
  #running = false;

  constructor(settings: HttpsPathSettings, sink: PathSink, messages: HttpsMessages, services: HttpsPathServices) {
    const { acknowledges, expect, secrets = [] } = settings;
    this.id = settings.id;
    this.#rules = {
      secrets,
      nowWallMs: services.nowWallMs,
      ...(acknowledges && { acknowledges }),
      ...(expect && { expect }),
    };
    this.#sink = sink;
    this.#messages = messages;
    this.#sender = new HttpsSender({ ...settings.endpoint, tap: sink.tap }, services);
  }

  start(): void {
    this.#running = true;
    this.#sender.start();
  }

  async stop(): Promise<void> {
    this.#running = false;
    this.#underWay.clear();
    await this.#sender.stop();
  }

  send({ attempt, report }: Attempt): void {
    if (!this.#running) return;
    const request =
      report === undefined
        ? ({ method: 'HEAD', headers: this.#messages.pollHeaders(), body: '' } as const)
        : ({ method: 'POST', ...this.#messages.report(report) } as const);
    const exchange = this.#sender.send(request, {
      sent: (atMs) => this.#sink.sent(this.id, attempt, atMs),
      answered: (answer) => {
        this.#underWay.delete(attempt);
        this.#sink.outcome(this.id, attempt, this.#outcomeOf(report, answer));
      },
      failed: (fault) => {
        this.#underWay.delete(attempt);
        this.#sink.outcome(this.id, attempt, { type: 'failed', ...fault });
      },
    });
    this.#underWay.set(attempt, exchange);
  }

  abandon(attempt: number): void {
    this.#underWay.get(attempt)?.drop();
    this.#underWay.delete(attempt);
  }

  #outcomeOf(report: Report | undefined, answer: HttpsAnswer): Outcome {
    if (report === undefined) return pollOutcome(answer, this.#rules);
    return reportOutcome(answer, this.#rules, this.#messages.read?.(report, answer) ?? { says: 'nothing' });
  }
}
