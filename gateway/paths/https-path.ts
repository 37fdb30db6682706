import type { OutgoingHttpHeaders } from 'node:http';
import type { Attempt, Report } from '../core/report.ts';
import type { Names } from '../names/names.ts';
import { type Acknowledges, judgePoll, judgeReport } from './https-answer.ts';
import { HttpsClient, type HttpsEndpoint } from './https-request.ts';
import type { PathDriver, PathSink } from './path-driver.ts';

/**
 * What an answer of 2xx proves: that the server whose certificate was checked says so. HTTP names no request in its answers: a server that answers
 * one request twice can have the second answer taken for the next request's on that connection. Over http, which is for this machine
 * only, any program on the port can answer. Our signature, token or password proves us to the server, nothing to us.
 */
export interface HttpsPathSettings {
  readonly id: string;
  readonly endpoint: HttpsEndpoint;
  readonly acknowledges: Acknowledges;
}

/** What is put into the requests. */
export interface HttpsMessages {
  report(report: Report): { readonly headers: OutgoingHttpHeaders; readonly body: string };
  pollHeaders(): OutgoingHttpHeaders;
}

/** A path that posts each report to one URL, and asks with HEAD whether the server is there. */
export class HttpsPath implements PathDriver {
  readonly id: string;
  readonly #acknowledges: Acknowledges;
  readonly #sink: PathSink;
  readonly #messages: HttpsMessages;
  readonly #client: HttpsClient;
  readonly #underWay = new Map<number, { drop(): void }>();
  #running = false;

  constructor(settings: HttpsPathSettings, sink: PathSink, messages: HttpsMessages, names: Names) {
    this.id = settings.id;
    this.#acknowledges = settings.acknowledges;
    this.#sink = sink;
    this.#messages = messages;
    this.#client = new HttpsClient(settings.endpoint, names);
  }

  start(): void {
    this.#running = true;
    this.#client.start();
  }

  async stop(): Promise<void> {
    this.#running = false;
    this.#underWay.clear();
    await this.#client.stop();
  }

  send({ attempt, report }: Attempt): void {
    if (!this.#running) return;
    const request =
      report === undefined
        ? ({ method: 'HEAD', headers: this.#messages.pollHeaders(), body: '' } as const)
        : ({ method: 'POST', ...this.#messages.report(report) } as const);
    const exchange = this.#client.send(request, {
      sent: (atMs) => this.#sink.sent(this.id, attempt, atMs),
      answered: (status) => {
        this.#underWay.delete(attempt);
        const outcome = report === undefined ? judgePoll(status) : judgeReport(status, this.#acknowledges);
        this.#sink.outcome(this.id, attempt, outcome);
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
}
