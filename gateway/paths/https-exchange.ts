import { type ClientRequest, type IncomingMessage, request } from 'node:http';
import { httpAnswerFrame, httpRequestFrame } from '../recording/http-frames.ts';
import type { WireTap } from '../recording/wire-tap.ts';
import { monoMs } from '../system/clock.ts';
import type { Fault } from './connection-fault.ts';
import { httpsFault, type Stage } from './https-fault.ts';
import type { HttpsAnswer, HttpsListener, HttpsRequest } from './https-message.ts';
import type { WarmAgent } from './warm-agent.ts';

/** A longer body is not read to the end. */
const BODY_BYTES_MAX = 64 * 1024;

/** One request until its answer. */
export class HttpsExchange {
  readonly #url: URL;
  readonly #agent: WarmAgent;
  readonly #message: HttpsRequest;
  readonly #listener: HttpsListener;
  readonly #tap: WireTap | undefined;
  #request: ClientRequest | undefined;
  #soon: NodeJS.Immediate | undefined;
  #sent = false;
  #over = false;

  constructor(url: URL, agent: WarmAgent, message: HttpsRequest, listener: HttpsListener, tap?: WireTap) {
    this.#url = url;
    this.#agent = agent;
    this.#message = message;
    this.#listener = listener;
    this.#tap = tap;
  }

  begin(again = false): void {
    const { method, headers, body } = this.#message;
    const length = method === 'POST' ? { 'content-length': Buffer.byteLength(body) } : {};
    const sending = request({
      agent: this.#agent,
      host: this.#url.hostname,
      method,
      path: `${this.#url.pathname}${this.#url.search}`,
      headers: { host: this.#url.host, 'user-agent': 'callpoint', ...length, ...headers },
    });
    this.#request = sending;
    let answering = false;
    sending.on('finish', () => this.#tellSent());
    sending.on('response', (response) => {
      answering = true;
      this.#read(response);
    });
    sending.on('error', (error) => {
      const stale = !answering && !again && this.#wasIdle(sending) && isClosing(error);
      if (stale && !this.#over) this.#repeat();
      else this.#fail(this.#faultOf(error, sending));
    });
    sending.on('close', () => {
      if (this.#request === sending) this.#fail(this.#brokenOff());
    });
    sending.end(body);
    this.#tap?.recorder?.message('out', httpRequestFrame(method, sending.getHeaders(), body));
  }

  failSoon(fault: Fault): void {
    this.#soon = setImmediate(() => this.#fail(fault));
  }

  drop(): void {
    this.#over = true;
    clearImmediate(this.#soon);
    this.#request?.destroy();
  }

  /**
   * The server closed an idle connection just as the request was on its way. Each report carries
   * its id, so the request may be sent again (RFC 9110 §9.2.2). It goes at once over a new
   * connection, because waiting between attempts would cost more.
   */
  #repeat(): void {
    this.#agent.dropIdle();
    this.begin(true);
  }

  #wasIdle(sending: ClientRequest): boolean {
    return sending.reusedSocket || (sending.socket !== null && this.#agent.wasIdle(sending.socket));
  }

  #read(response: IncomingMessage): void {
    const chunks: Uint8Array[] = [];
    let length = 0;
    response.on('data', (bytes: Uint8Array) => {
      length += bytes.length;
      if (length <= BODY_BYTES_MAX) return void chunks.push(bytes);
      this.#answer(response, chunks, false);
      response.destroy();
    });
    response.on('end', () => {
      if (response.complete) this.#answer(response, chunks, true);
    });
    response.on('error', () => this.#fail(this.#brokenOff()));
  }

  #tellSent(): void {
    if (this.#sent || this.#over) return;
    this.#sent = true;
    this.#listener.sent(monoMs());
  }

  #answer({ statusCode, headers }: IncomingMessage, chunks: readonly Uint8Array[], isWhole: boolean): void {
    if (this.#over) return;
    this.#tellSent();
    this.#over = true;
    this.#agent.proven();
    this.#tap?.recorder?.message('in', httpAnswerFrame(statusCode ?? 0, headers, Buffer.concat(chunks)));
    const answer: HttpsAnswer = { status: statusCode ?? 0, headers, body: Buffer.concat(chunks), isWhole };
    this.#listener.answered(answer);
  }

  #fail(fault: Fault): void {
    if (this.#over) return;
    this.#over = true;
    this.#listener.failed(fault);
  }

  #faultOf(error: NodeJS.ErrnoException, sending: ClientRequest): Fault {
    return httpsFault(error, this.#url.host, this.#stageOf(sending));
  }

  #stageOf({ socket, reusedSocket }: ClientRequest): Stage {
    if (socket === null || !this.#agent.isReady(socket)) return 'opening';
    if (reusedSocket) return 'proven';
    return this.#url.protocol === 'https:' ? 'unprovenTls' : 'open';
  }

  #brokenOff(): Fault {
    return { reason: 'closed', detail: `${this.#url.host} closed the connection in the middle of its answer` };
  }
}

function isClosing({ code }: NodeJS.ErrnoException): boolean {
  return code === 'ECONNRESET' || code === 'EPIPE';
}
