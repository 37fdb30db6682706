import { Agent } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Addresses } from '../names/addresses.ts';
import { dial, KEEPALIVE_MS, openEvent } from './dial.ts';
import { DigestCredentials } from './digest-credentials.ts';
import { type HttpsProxy, Tunnel } from './https-tunnel.ts';
import { Reconnect } from './reconnect.ts';
import type { TlsSettings } from './tls-settings.ts';

interface WarmEndpoint {
  /** Name or literal address, as in the URL. */
  readonly host: string;
  readonly port: number;
  /** Absent: plain TCP. */
  readonly tls?: TlsSettings;
  /** A proxy that connects us to the server. `Addresses` are then those of the proxy's host. */
  readonly proxy?: HttpsProxy;
  /** Longest wait for a connection, TLS handshake included, ms. */
  readonly connectTimeoutMs: number;
  /** Connections kept open when idle. */
  readonly connections: number;
}

/**
 * An idle connection is closed after this long, or a second before the server's
 * `Keep-Alive: timeout=` expires.
 */
const IDLE_MS = 120_000;

/**
 * HTTP connections to literal addresses from `Addresses`, so that no request waits for DNS. When
 * none is open, one is opened in the background, TLS handshake included, so that the next press
 * finds it ready.
 */
export class WarmAgent extends Agent {
  readonly #endpoint: WarmEndpoint;
  readonly #addresses: Addresses;
  readonly #open = new Set<Socket>();
  /** Connections past their handshake. */
  readonly #ready = new WeakSet<Socket>();
  readonly #wereSpare = new WeakSet<Socket>();
  readonly #proxyCredentials: DigestCredentials | undefined;
  #spare: Socket | undefined;
  readonly #reconnect = new Reconnect(() => this.warm());
  /** True if any connection has brought an answer since the last one was opened. */
  #answered = false;
  #running = false;

  constructor(endpoint: WarmEndpoint, addresses: Addresses) {
    const timeout = IDLE_MS;
    super({ keepAlive: true, keepAliveMsecs: KEEPALIVE_MS, timeout, maxFreeSockets: endpoint.connections });
    this.#endpoint = endpoint;
    this.#addresses = addresses;
    this.#proxyCredentials = endpoint.proxy?.account && new DigestCredentials(endpoint.proxy.account);
  }

  start(): void {
    this.#running = true;
    this.warm();
  }

  stop(): void {
    this.#running = false;
    this.#reconnect.cancel();
    for (const socket of this.#open) socket.destroy();
    this.destroy();
  }

  /** Opens a connection if none is open and an address is known. */
  warm(): void {
    this.#reconnect.cancel();
    if (this.#running && this.#open.size === 0 && this.#addresses.current !== undefined) this.#spare = this.#dial();
  }

  /**
   * The far end has answered on a connection. After this one ends, a new connection is worth
   * opening soon.
   */
  proven(): void {
    this.#answered = true;
    this.#reconnect.answered();
  }

  /**
   * A request got no answer in time. If no request has since a connection was opened, another
   * address of the host may be better.
   */
  silent(): void {
    const { current } = this.#addresses;
    if (!this.#answered && current !== undefined) this.#addresses.failed(current);
    this.dropIdle();
  }

  /** Closes idle connections: the far end did not answer, or closed such a connection. */
  dropIdle(): void {
    const idle = Object.values(this.freeSockets).flatMap((sockets) => sockets ?? []);
    for (const socket of idle) socket.destroy();
    this.#spare?.destroy();
    this.#spare = undefined;
  }

  isReady(socket: Socket): boolean {
    return this.#ready.has(socket);
  }

  /** The connection was opened before the request came. The far end may have closed it since. */
  wasIdle(socket: Socket): boolean {
    return this.#wereSpare.has(socket);
  }

  /** Called by `Agent` when no idle connection of its own is left. */
  override createConnection(_: unknown, failed?: (error: Error | null, socket: Duplex) => void): Duplex | undefined {
    const spare = this.#spare;
    this.#spare = undefined;
    // A connection that has unexpected bytes, or that the far end closed, can't serve a request.
    if (spare === undefined || !spare.writable || spare.readableLength > 0) {
      spare?.destroy();
      const socket = this.#dial();
      if (!socket.destroyed) return socket;
      // Its error would arrive before the request listens for it.
      setImmediate(() => failed?.(socket.errored, socket));
      return undefined;
    }
    this.#wereSpare.add(spare);
    return spare;
  }

  #dial(): Socket {
    const { host, connectTimeoutMs } = this.#endpoint;
    // The caller has checked that an address is known, and known addresses stay known.
    const address = this.#addresses.current ?? host;
    this.#answered = false;
    const over = this.#tunnel(address);
    const socket = dial({ ...this.#endpoint, address, protocols: ['http/1.1'], ...(over && { over }) });
    over?.on('error', (error) => socket.destroy(error));
    const timer = setTimeout(
      () => socket.destroy(over?.silence ?? new ConnectTimeout(connectTimeoutMs)),
      connectTimeoutMs,
    );
    socket.once(openEvent(this.#endpoint), () => {
      clearTimeout(timer);
      this.#ready.add(socket);
    });
    // A request on the connection gets the error. An idle connection only ends.
    socket.on('error', () => socket.destroy());
    socket.once('close', () => {
      clearTimeout(timer);
      over?.destroy();
      this.#closed(socket, address);
    });
    this.#open.add(socket);
    return socket;
  }

  #tunnel(address: string): Tunnel | undefined {
    const { proxy, host, port } = this.#endpoint;
    if (proxy === undefined) return undefined;
    const url = new URL(proxy.url);
    return new Tunnel({
      address,
      port: Number(url.port) || 80,
      proxy: url.host,
      allowsBasic: proxy.account?.allowBasic === true,
      target: `${host.includes(':') ? `[${host}]` : host}:${port}`,
      ...(this.#proxyCredentials && { credentials: this.#proxyCredentials }),
    });
  }

  #closed(socket: Socket, address: string): void {
    this.#open.delete(socket);
    if (this.#spare === socket) this.#spare = undefined;
    if (!this.#ready.has(socket)) this.#addresses.failed(address);
    if (this.#running && this.#open.size === 0) this.#reconnect.later();
  }
}

class ConnectTimeout extends Error {
  readonly code = 'ETIMEDOUT';

  constructor(ms: number) {
    super(`no connection in ${ms} ms`);
  }
}
