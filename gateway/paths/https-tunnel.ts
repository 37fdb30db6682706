import { type ClientRequest, type IncomingMessage, type OutgoingHttpHeaders, request } from 'node:http';
import type { Socket } from 'node:net';
import { Duplex } from 'node:stream';
import type { Fault } from './connection-fault.ts';
import { dial } from './dial.ts';
import { askedBy, type DigestAccount, type DigestCredentials, type DigestExchange } from './digest-credentials.ts';

/**
 * A proxy that connects us to servers (RFC 9110 §9.3.6). It sees their names, but nothing that is
 * sent over TLS.
 */
export interface HttpsProxy {
  /** `http://host:port` */
  readonly url: string;
  readonly account?: DigestAccount;
}

/** A route through a proxy, once the proxy's name is looked up. */
interface TunnelRoute {
  /** Literal address of the proxy. */
  readonly address: string;
  /** The proxy, `host:port`, for messages. */
  readonly proxy: string;
  readonly port: number;
  /** `host:port` of the server. */
  readonly target: string;
  readonly credentials?: DigestCredentials;
  readonly allowsBasic: boolean;
}

/** The proxy's answer, or what happened to the connection to it. */
export class ProxyError extends Error {
  readonly fault: Fault;

  constructor(fault: Fault) {
    super(fault.detail);
    this.fault = fault;
  }
}

/** Bytes to and from a server behind a proxy. Writes wait until the proxy has connected us. */
export class Tunnel extends Duplex {
  readonly #route: TunnelRoute;
  readonly #exchange: DigestExchange | undefined;
  #asking: ClientRequest | undefined;
  #socket: Socket | undefined;
  #waiting: (() => void) | undefined;

  constructor(route: TunnelRoute) {
    super();
    this.#route = route;
    this.#exchange = route.credentials?.exchange();
    this.#ask();
  }

  /**
   * The error text if there is no tunnel in time; `undefined`: there is one, and the server is
   * slow.
   */
  get silence(): ProxyError | undefined {
    if (this.#socket !== undefined) return undefined;
    const detail = `the proxy ${this.#route.proxy} did not connect us through to ${this.#route.target} in time`;
    return new ProxyError({ reason: 'unreachable', detail });
  }

  override _write(chunk: Uint8Array, _: BufferEncoding, done: (error?: Error | null) => void): void {
    const write = () => void this.#socket?.write(chunk, done);
    if (this.#socket === undefined) this.#waiting = write;
    else write();
  }

  override _read(): void {
    this.#socket?.resume();
  }

  override _final(done: () => void): void {
    this.#socket?.end();
    done();
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#asking?.destroy();
    this.#socket?.destroy();
    done(error);
  }

  #ask(): void {
    const { address, port, proxy, target } = this.#route;
    const headers: OutgoingHttpHeaders = { host: target, connection: 'keep-alive', 'proxy-connection': 'keep-alive' };
    for (const { name, value } of this.#exchange?.headersFor('CONNECT', target) ?? []) headers[name] = value;
    const host = proxy.replace(/:\d+$/, '');
    const asking = request({
      method: 'CONNECT',
      path: target,
      headers: { ...headers, 'user-agent': 'callpoint' },
      createConnection: () => dial({ address, port, host }),
    });
    this.#asking = asking;
    asking.on('connect', (response, socket: Socket, head) => this.#answered(response, socket, head));
    // Node treats every answer to CONNECT as the beginning of the tunnel.
    asking.on('error', (error) => this.#fail(unreachable(error, proxy)));
    asking.end();
  }

  #answered(response: IncomingMessage, socket: Socket, head: Uint8Array): void {
    const { statusCode = 0 } = response;
    this.#asking = undefined;
    if (statusCode >= 200 && statusCode < 300) {
      this.#exchange?.ended({ server: [], proxy: fieldOf(response, 'proxy-authentication-info') });
      this.#open(socket, head);
      return;
    }
    // The next request gets a new connection: proxies differ in how they say whether this one may
    // be used again.
    socket.on('error', () => undefined);
    socket.destroy();
    if (this.destroyed) return;
    const useless = statusCode === 407 ? this.#challenged(response) : refusal(statusCode, this.#route.target);
    if (useless === undefined) this.#ask();
    else this.#fail({ reason: 'refused', detail: `the proxy ${this.#route.proxy} answered ${statusCode}: ${useless}` });
  }

  #challenged(response: IncomingMessage): string | undefined {
    if (this.#exchange === undefined) {
      return 'it wants a user and password: write user: under proxy:, and the password in keys.yaml';
    }
    const fields = { server: [], proxy: fieldOf(response, 'proxy-authenticate') };
    const useless = this.#exchange.challenged(fields);
    if (useless === undefined || askedBy(fields) !== 'Basic' || this.#route.allowsBasic) return useless;
    return 'it takes the password in clear only (Basic): write auth: basic under proxy:, if it may be seen on the way';
  }

  #open(socket: Socket, head: Uint8Array): void {
    if (this.destroyed) return void socket.destroy();
    this.#socket = socket;
    if (head.length > 0) this.push(head);
    socket.on('data', (chunk) => {
      if (!this.push(chunk)) socket.pause();
    });
    socket.on('end', () => this.push(null));
    socket.on('error', (error) => this.destroy(error));
    // After a proper end, the bytes that were read before it must still be taken out here.
    socket.on('close', () => {
      if (!socket.readableEnded) this.destroy();
    });
    this.#waiting?.();
    this.#waiting = undefined;
  }

  #fail(fault: Fault): void {
    this.destroy(new ProxyError(fault));
  }
}

function fieldOf({ headers }: IncomingMessage, name: 'proxy-authenticate' | 'proxy-authentication-info'): string[] {
  const value = headers[name];
  return value === undefined ? [] : [value].flat();
}

function refusal(status: number, target: string): string {
  if (status === 403) return `it does not let us through to ${target}: ask who runs it to allow it`;
  if (status === 405 || status === 501) return 'it connects nobody through (CONNECT): check proxy';
  if (status >= 500) return `it can't reach ${target}`;
  return `it does not connect us to ${target}: ask who runs it`;
}

function unreachable(error: NodeJS.ErrnoException, proxy: string): Fault {
  const code = error.code ?? error.message;
  if (code === 'ECONNREFUSED')
    return { reason: 'refused', detail: `the proxy ${proxy} refused the connection: is it on, and is its port right?` };
  if (code.startsWith('HPE_')) {
    return { reason: 'protocolError', detail: `${proxy} answered what is not HTTP (${code}): check proxy` };
  }
  if (code === 'ECONNRESET') return { reason: 'closed', detail: `the proxy ${proxy} closed the connection unanswered` };
  return { reason: 'unreachable', detail: `the proxy ${proxy} can't be reached (${code})` };
}
