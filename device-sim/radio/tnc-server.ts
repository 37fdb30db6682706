import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { socketDuplex } from './duplex.ts';
import type { KissTnc } from './kiss-tnc.ts';

interface TncServerOptions {
  /** Port number; 0 for any free port. */
  readonly port: number;
  /** Default `127.0.0.1`. */
  readonly host?: string;
  /** Called with every error of a connection. By default errors are ignored. */
  readonly onError?: (error: Error) => void;
}

/**
 * A TNC's KISS port on TCP, as direwolf provides it: every connected host hears all frames and may
 * send.
 */
export class TncServer {
  readonly #tnc: KissTnc;
  readonly #options: TncServerOptions;
  readonly #sockets = new Set<Socket>();
  readonly #waiting = new Set<() => void>();
  #server: Server | undefined;
  #port: number;

  constructor(tnc: KissTnc, options: TncServerOptions) {
    this.#tnc = tnc;
    this.#options = options;
    this.#port = options.port;
  }

  get port(): number {
    return this.#port;
  }

  get hosts(): number {
    return this.#sockets.size;
  }

  async listen(): Promise<void> {
    const server = createServer((socket) => this.#accept(socket));
    server.listen(this.#port, this.#options.host ?? '127.0.0.1');
    await once(server, 'listening');
    server.on('error', (error) => this.#options.onError?.(error));
    this.#server = server;
    this.#port = (server.address() as AddressInfo).port;
  }

  /** Resolves when this number of hosts is connected. */
  async connected(count: number): Promise<void> {
    while (this.#sockets.size !== count) await new Promise<void>((resolve) => this.#waiting.add(resolve));
  }

  /** Ends the existing connections. Hosts may connect again. */
  dropAll(): void {
    for (const socket of this.#sockets) socket.resetAndDestroy();
  }

  /** Stops accepting hosts. `listen` opens the same port again. */
  async close(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    if (server === undefined) return;
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    this.dropAll();
    await closed;
  }

  #accept(socket: Socket): void {
    socket.setNoDelay(true);
    const unplug = this.#tnc.plug(socketDuplex(socket));
    this.#sockets.add(socket);
    socket.on('error', (error) => this.#options.onError?.(error));
    socket.on('close', () => {
      unplug();
      this.#sockets.delete(socket);
      this.#changed();
    });
    this.#changed();
  }

  #changed(): void {
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const resolve of waiting) resolve();
  }
}
