import { type ClientRequest, type IncomingMessage, type OutgoingHttpHeaders, request } from 'node:http';
import { Addresses } from '../names/addresses.ts';
import type { Names } from '../names/names.ts';
import { monoMs } from '../system/clock.ts';
import type { Fault } from './connection-fault.ts';
import { httpsFault, type Stage } from './https-fault.ts';
import type { TlsSettings } from './tls-settings.ts';
import { WarmAgent } from './warm-agent.ts';

/** A server and the one URL on it that is talked to. */
export interface HttpsEndpoint {
  /** `https:`; `http:` only on this machine. Without user, password and fragment. */
  readonly url: string;
  readonly tls?: TlsSettings;
  /** Connections kept open when idle, at least 1. */
  readonly connections: number;
  /** Longest wait for a connection, ms. */
  readonly connectTimeoutMs: number;
}

export interface HttpsRequest {
  readonly method: 'POST' | 'HEAD';
  readonly headers: OutgoingHttpHeaders;
  readonly body: string;
}

/** What becomes of a request. Nothing is told within `send`, nothing after `drop`, and only one of `answered` and `failed`. */
export interface HttpsListener {
  /** The request was handed to the network; at most once. */
  sent(atMs: number): void;
  /** The whole answer is here, or as much of it as we read. */
  answered(status: number): void;
  failed(fault: Fault): void;
}

/** The answer's status is all we use; a longer body is not read to its end. */
const BODY_MOST = 64 * 1024;

/** One server over HTTP/1.1, with connections kept warm. Follows no redirect, looks up no name while a request waits. */
export class HttpsClient {
  readonly #url: URL;
  readonly #addresses: Addresses;
  readonly #agent: WarmAgent;
  readonly #exchanges = new Set<Exchange>();

  constructor(endpoint: HttpsEndpoint, names: Names) {
    this.#url = new URL(endpoint.url);
    const secure = this.#url.protocol === 'https:';
    const host = this.#url.hostname.replace(/^\[(.*)\]$/, '$1');
    const { connectTimeoutMs, connections, tls = {} } = endpoint;
    const port = Number(this.#url.port) || (secure ? 443 : 80);
    this.#addresses = new Addresses({ host }, names, () => this.#agent.warm());
    this.#agent = new WarmAgent(
      { host, port, connectTimeoutMs, connections, ...(secure ? { tls } : {}) },
      this.#addresses,
    );
  }

  start(): void {
    this.#addresses.start();
    this.#agent.start();
  }

  /** Nobody is told anything afterwards. */
  async stop(): Promise<void> {
    this.#addresses.stop();
    for (const exchange of this.#exchanges) exchange.drop();
    this.#agent.stop();
    // The sockets' handles are closed in the event loop's next turn.
    await new Promise<void>((resolve) => setImmediate(resolve));
  }

  send(message: HttpsRequest, listener: HttpsListener): { drop(): void } {
    const exchange = new Exchange(this.#url, this.#agent, message, {
      sent: (atMs) => listener.sent(atMs),
      answered: (status) => {
        this.#exchanges.delete(exchange);
        listener.answered(status);
      },
      failed: (fault) => {
        this.#exchanges.delete(exchange);
        listener.failed(fault);
      },
    });
    this.#exchanges.add(exchange);
    if (this.#addresses.current === undefined) exchange.failSoon(noAddress(this.#url.hostname));
    else exchange.begin();
    return {
      drop: () => {
        this.#exchanges.delete(exchange);
        exchange.drop();
        // A far end that let it time out may be gone, and its other connections with it.
        this.#agent.silent();
      },
    };
  }
}

function noAddress(host: string): Fault {
  return { reason: 'noAddress', detail: `no address is known for ${host}: check url and this machine's name server` };
}

/** One request until its answer. */
class Exchange {
  readonly #url: URL;
  readonly #agent: WarmAgent;
  readonly #message: HttpsRequest;
  readonly #listener: HttpsListener;
  #request: ClientRequest | undefined;
  #soon: NodeJS.Immediate | undefined;
  #sent = false;
  #over = false;

  constructor(url: URL, agent: WarmAgent, message: HttpsRequest, listener: HttpsListener) {
    this.#url = url;
    this.#agent = agent;
    this.#message = message;
    this.#listener = listener;
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
   * The server closed an idle connection just when the request was on its way. Each report names itself, so it may be sent again
   * (RFC 9110 §9.2.2), at once and over a new connection: the wait between attempts would cost more than anything.
   */
  #repeat(): void {
    this.#agent.dropIdle();
    this.begin(true);
  }

  #wasIdle(sending: ClientRequest): boolean {
    return sending.reusedSocket || (sending.socket !== null && this.#agent.wasIdle(sending.socket));
  }

  #read(response: IncomingMessage): void {
    const status = response.statusCode ?? 0;
    let length = 0;
    response.on('data', (bytes: Uint8Array) => {
      length += bytes.length;
      if (length <= BODY_MOST) return;
      this.#answer(status);
      response.destroy();
    });
    response.on('end', () => {
      if (response.complete) this.#answer(status);
    });
    response.on('error', () => this.#fail(this.#brokenOff()));
  }

  #tellSent(): void {
    if (this.#sent || this.#over) return;
    this.#sent = true;
    this.#listener.sent(monoMs());
  }

  #answer(status: number): void {
    if (this.#over) return;
    this.#tellSent();
    this.#over = true;
    this.#agent.proven();
    this.#listener.answered(status);
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
