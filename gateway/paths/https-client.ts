import { Addresses } from '../names/addresses.ts';
import type { Names } from '../names/names.ts';
import type { WireTap } from '../recording/wire-tap.ts';
import type { Fault } from './connection-fault.ts';
import { HttpsExchange } from './https-exchange.ts';
import type { HttpsListener, HttpsRequest, HttpsSending } from './https-message.ts';
import type { HttpsProxy } from './https-tunnel.ts';
import type { TlsSettings } from './tls-settings.ts';
import { WarmAgent } from './warm-agent.ts';

/** A server, and how to reach it. */
interface HttpsServer {
  /** A URL on it; `http:` only on this machine. */
  readonly url: URL;
  readonly tls: TlsSettings;
  /** Connections kept open when idle, at least 1. */
  readonly connections: number;
  /** Longest wait for a connection, ms. */
  readonly connectTimeoutMs: number;
  readonly proxy?: HttpsProxy;
  /** True: a connection is kept open while nothing happens. Otherwise each is opened on demand. */
  readonly keepsWarm: boolean;
  readonly tap?: WireTap | undefined;
}

/**
 * One server over HTTP/1.1, with connections kept ready. It follows no redirect, and looks up no
 * name while a request waits.
 */
export class HttpsClient {
  readonly #server: HttpsServer;
  /** The host that it connects to. */
  readonly #host: string;
  readonly #addresses: Addresses;
  readonly #agent: WarmAgent;
  readonly #exchanges = new Set<HttpsExchange>();
  /** Requests without an address yet, each with the end of its wait. */
  readonly #waiting = new Map<HttpsExchange, NodeJS.Timeout>();

  constructor(server: HttpsServer, names: Names) {
    this.#server = server;
    const { url, tls, proxy } = server;
    const isSecure = url.protocol === 'https:';
    const host = bareHost(url);
    const port = Number(url.port) || (isSecure ? 443 : 80);
    this.#host = proxy === undefined ? host : bareHost(new URL(proxy.url));
    this.#addresses = new Addresses({ host: this.#host }, names, () => this.#found());
    const { connections, connectTimeoutMs } = server;
    this.#agent = new WarmAgent(
      { host, port, connections, connectTimeoutMs, ...(isSecure && { tls }), ...(proxy && { proxy }) },
      this.#addresses,
    );
  }

  get isIdle(): boolean {
    return this.#exchanges.size === 0;
  }

  start(): void {
    this.#addresses.start();
    if (this.#server.keepsWarm) this.#agent.start();
  }

  /** No listener is called afterwards. */
  async stop(): Promise<void> {
    this.#addresses.stop();
    for (const exchange of this.#exchanges) this.#end(exchange);
    this.#agent.stop();
    // The sockets' handles are closed in the event loop's next turn.
    await new Promise<void>((resolve) => setImmediate(resolve));
  }

  send(url: URL, message: HttpsRequest, listener: HttpsListener): HttpsSending {
    const progress: HttpsListener = {
      sent: (atMs) => listener.sent(atMs),
      answered: (answer) => {
        this.#exchanges.delete(exchange);
        listener.answered(answer);
      },
      failed: (fault) => {
        this.#exchanges.delete(exchange);
        listener.failed(fault);
      },
    };
    const exchange = new HttpsExchange(url, this.#agent, message, progress, this.#server.tap);
    this.#exchanges.add(exchange);
    this.#begin(exchange);
    return {
      drop: () => {
        this.#end(exchange);
        // A far end that let a request time out may be gone, and its other connections with it.
        this.#agent.silent();
      },
    };
  }

  #begin(exchange: HttpsExchange): void {
    const { keepsWarm, connectTimeoutMs } = this.#server;
    if (this.#addresses.current !== undefined) exchange.begin();
    else if (keepsWarm) exchange.failSoon(this.#noAddress());
    // This is the first use of its name.
    else {
      const giveUp = () => {
        this.#waiting.delete(exchange);
        exchange.failSoon(this.#noAddress());
      };
      this.#waiting.set(exchange, setTimeout(giveUp, connectTimeoutMs));
    }
  }

  #found(): void {
    this.#agent.warm();
    for (const [exchange, timer] of this.#waiting) {
      clearTimeout(timer);
      exchange.begin();
    }
    this.#waiting.clear();
  }

  #end(exchange: HttpsExchange): void {
    clearTimeout(this.#waiting.get(exchange));
    this.#waiting.delete(exchange);
    this.#exchanges.delete(exchange);
    exchange.drop();
  }

  #noAddress(): Fault {
    const where = this.#server.proxy === undefined ? 'url' : 'proxy';
    return {
      reason: 'noAddress',
      detail: `no address is known for ${this.#host}: check ${where} and this machine's name server`,
    };
  }
}

function bareHost({ hostname }: URL): string {
  return hostname.replace(/^\[(.*)\]$/, '$1');
}
