import { once } from 'node:events';
import { createServer as createPlainServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { Watchers } from '../watchers.ts';
import { answer } from './answer.ts';
import type { InboxBehaviour } from './behaviour.ts';
import { type InboxAccount, judgePost, type Posted } from './judge.ts';

export interface InboxOptions extends InboxAccount {
  /** 0: any free port. */
  readonly port: number;
  /** Default `127.0.0.1`. */
  readonly host?: string;
  /** Absent: plain HTTP. `clientCa`: who connects must show a certificate of this authority. PEM texts. */
  readonly tls?: { readonly certificate: string; readonly key: string; readonly clientCa?: string };
  /** Default: this machine's clock. */
  readonly nowWallMs?: () => number;
}

export type InboxNotice =
  | { readonly type: 'posted'; readonly posted: Posted; readonly isNew: boolean }
  | { readonly type: 'poll' }
  | { readonly type: 'refused'; readonly status: number; readonly why: string }
  | { readonly type: 'connected' | 'disconnected'; readonly connections: number }
  | { readonly type: 'connectionError'; readonly detail: string };

/** A simulated desk that takes CAP messages and webhooks over HTTPS. */
export interface Inbox {
  readonly port: number;
  /** Everything taken, repeats included. */
  readonly posts: readonly Posted[];
  /** What the operator sees: each message once. */
  readonly displayed: readonly Posted[];
  readonly polls: number;
  readonly connections: number;
  /** Takes effect for what comes in from now on; resolves when the listener is in its new state. */
  behave(behaviour: InboxBehaviour): Promise<void>;
  /** @returns a function that ends it */
  on(listener: (notice: InboxNotice) => void): () => void;
  clear(): void;
  close(): Promise<void>;
}

export async function startInbox(options: InboxOptions): Promise<Inbox> {
  const inbox = new SimulatedInbox(options);
  await inbox.listen();
  return inbox;
}

/** The longest message taken. */
const BODY_MOST = 256 * 1024;

class SimulatedInbox implements Inbox {
  readonly posts: Posted[] = [];
  readonly displayed: Posted[] = [];
  readonly #options: InboxOptions;
  readonly #sockets = new Set<Socket>();
  readonly #watchers = new Watchers<InboxNotice>();
  #behaviour: InboxBehaviour = { type: 'normal' };
  #server: Server | undefined;
  #port: number;
  #polls = 0;

  constructor(options: InboxOptions) {
    this.#options = options;
    this.#port = options.port;
  }

  get port(): number {
    return this.#port;
  }

  get polls(): number {
    return this.#polls;
  }

  get connections(): number {
    return this.#sockets.size;
  }

  async listen(): Promise<void> {
    const { tls } = this.#options;
    const server =
      tls === undefined
        ? createPlainServer()
        : createTlsServer({
            cert: tls.certificate,
            key: tls.key,
            ...(tls.clientCa === undefined ? {} : { ca: tls.clientCa, requestCert: true, rejectUnauthorized: true }),
          });
    server.on('request', (request: IncomingMessage, response: ServerResponse) => this.#requested(request, response));
    server.on('connection', (socket: Socket) => this.#connected(socket));
    server.on('tlsClientError', (error) => this.#tell({ type: 'connectionError', detail: error.message }));
    server.on('clientError', (_error, socket) => socket.destroy());
    server.listen(this.#port, this.#options.host ?? '127.0.0.1');
    await once(server, 'listening');
    this.#server = server;
    this.#port = (server.address() as AddressInfo).port;
  }

  async behave(behaviour: InboxBehaviour): Promise<void> {
    this.#behaviour = behaviour;
    if (behaviour.type === 'refuse') await this.#stopListening();
    else if (this.#server === undefined) await this.listen();
  }

  on(listener: (notice: InboxNotice) => void): () => void {
    return this.#watchers.on(listener);
  }

  clear(): void {
    this.posts.length = 0;
    this.displayed.length = 0;
  }

  async close(): Promise<void> {
    await this.#stopListening();
    this.#watchers.clear();
  }

  #connected(socket: Socket): void {
    this.#sockets.add(socket);
    this.#tell({ type: 'connected', connections: this.connections });
    // A reset by the sender is its right.
    socket.on('error', (error) => this.#tell({ type: 'connectionError', detail: error.message }));
    socket.once('close', () => {
      this.#sockets.delete(socket);
      this.#tell({ type: 'disconnected', connections: this.connections });
    });
  }

  #requested(request: IncomingMessage, response: ServerResponse): void {
    let body = '';
    request.setEncoding('utf8');
    request.on('data', (text: string) => {
      body += text;
      if (body.length > BODY_MOST) request.destroy();
    });
    request.on('end', () => this.#read(request, body, response));
  }

  #read(request: IncomingMessage, body: string, response: ServerResponse): void {
    const behaviour = this.#behaviour;
    if (behaviour.type === 'hang' || behaviour.type === 'closeUnread') {
      if (behaviour.type === 'closeUnread') request.socket.destroy();
      this.#refused(0, 'by behaviour');
    } else if (behaviour.type === 'status') this.#overrule(behaviour, response);
    else this.#answered(request.method === 'POST' ? this.#take(request, body) : this.#polled(request), response);
  }

  #answered(status: number, response: ServerResponse): void {
    answer(response, status, this.#behaviour);
    if (this.#behaviour.type !== 'vanishAfterAnswer' || status !== 200) return;
    this.#behaviour = { type: 'refuse' };
    response.on('finish', () => void this.#stopListening());
  }

  #overrule(behaviour: Extract<InboxBehaviour, { type: 'status' }>, response: ServerResponse): void {
    const { status, times = Number.POSITIVE_INFINITY, location } = behaviour;
    this.#behaviour = times > 1 ? { ...behaviour, times: times - 1 } : { type: 'normal' };
    response.writeHead(status, location === undefined ? {} : { location }).end('by behaviour');
    this.#refused(status, 'by behaviour');
  }

  #polled({ method, headers }: IncomingMessage): number {
    if (method !== 'HEAD') return 405;
    const { authorization } = this.#options;
    if (authorization !== undefined && headers.authorization !== authorization) return 401;
    this.#polls += 1;
    this.#tell({ type: 'poll' });
    return 200;
  }

  #take(request: IncomingMessage, body: string): number {
    const judgement = judgePost(this.#options, request.headers, body, this.#options.nowWallMs?.() ?? Date.now());
    if (!('posted' in judgement)) {
      this.#refused(judgement.status, judgement.why);
      return judgement.status;
    }
    const { posted } = judgement;
    const isNew = this.displayed.every(({ key }) => key !== posted.key);
    this.posts.push(posted);
    if (isNew) this.displayed.push(posted);
    this.#tell({ type: 'posted', posted, isNew });
    return 200;
  }

  #refused(status: number, why: string): void {
    this.#tell({ type: 'refused', status, why });
  }

  async #stopListening(): Promise<void> {
    const server = this.#server;
    if (server === undefined) return;
    this.#server = undefined;
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    for (const socket of this.#sockets) socket.resetAndDestroy();
    await closed;
  }

  #tell(notice: InboxNotice): void {
    this.#watchers.tell(notice);
  }
}
