import { once } from 'node:events';
import {
  createServer as createPlainServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';
import { createSecureServer as createHttp2Server } from 'node:http2';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { Watchers } from '../watchers.ts';
import { answer } from './answer.ts';
import type { InboxBehaviour, StatusAnswer } from './behaviour.ts';
import { readCap } from './cap-reading.ts';
import { capReply } from './cap-reply.ts';
import { DigestGate, type DigestGateOptions } from './digest-gate.ts';
import { type InboxAccount, judgePost, type Posted } from './judge.ts';

export interface InboxOptions extends InboxAccount {
  /** Port number; 0 for any free port. */
  readonly port: number;
  /** Default `127.0.0.1`. */
  readonly host?: string;
  /**
   * TLS certificate and key as PEM texts; absent for plain HTTP. With `clientCa`, clients must show
   * a certificate of this authority.
   */
  readonly tls?: { readonly certificate: string; readonly key: string; readonly clientCa?: string };
  /** The inbox asks for the password by Digest. */
  readonly digest?: DigestGateOptions;
  /** Default: this machine's clock. */
  readonly nowWallMs?: () => number;
}

type InboxNotice =
  | { readonly type: 'posted'; readonly posted: Posted; readonly isNew: boolean }
  | { readonly type: 'poll' }
  | { readonly type: 'refused'; readonly status: number; readonly why: string }
  | { readonly type: 'connected' | 'disconnected'; readonly connections: number }
  | { readonly type: 'connectionError'; readonly detail: string };

/** A simulated desk that receives CAP messages and webhooks over HTTPS. */
export interface Inbox {
  readonly port: number;
  /** Everything accepted, including repeats. */
  readonly posts: readonly Posted[];
  /** What the operator sees: each message once. */
  readonly displayed: readonly Posted[];
  readonly polls: number;
  readonly connections: number;
  /** The latest requests, newest last. */
  readonly requests: readonly InboxRequest[];
  readonly gate: DigestGate | undefined;
  /** Sets the behaviour towards new requests. Resolves when the listener is in its new state. */
  behave(behaviour: InboxBehaviour): Promise<void>;
  /** @returns a function that removes the listener */
  on(listener: (notice: InboxNotice) => void): () => void;
  clear(): void;
  close(): Promise<void>;
}

interface InboxRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
}

export async function startInbox(options: InboxOptions): Promise<Inbox> {
  const inbox = new SimulatedInbox(options);
  await inbox.listen();
  return inbox;
}

/** Number of requests that are kept. */
const REQUESTS_MAX = 200;
/** Size of the longest message accepted. */
const BODY_MOST = 256 * 1024;

class SimulatedInbox implements Inbox {
  readonly posts: Posted[] = [];
  readonly displayed: Posted[] = [];
  readonly requests: InboxRequest[] = [];
  readonly gate: DigestGate | undefined;
  /** Messages that have come at least once. */
  readonly #met = new Set<string>();
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
    this.gate = options.digest && new DigestGate(options.digest);
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
    const server = this.#createServer();
    server.on('request', (request: IncomingMessage, response: ServerResponse) => this.#requested(request, response));
    server.on('connection', (socket: Socket) => this.#connected(socket));
    server.on('tlsClientError', (error) => this.#tell({ type: 'connectionError', detail: error.message }));
    server.on('clientError', (_error, socket) => socket.destroy());
    server.listen(this.#port, this.#options.host ?? '127.0.0.1');
    await once(server, 'listening');
    this.#server = server;
    this.#port = (server.address() as AddressInfo).port;
  }

  #createServer(): Server {
    const { tls } = this.#options;
    if (tls === undefined) return createPlainServer();
    const proofs = { cert: tls.certificate, key: tls.key };
    // No request ever comes: the gateway does not use HTTP/2.
    if (this.#behaviour.type === 'http2Only') return createHttp2Server(proofs) as unknown as Server;
    const asksBack =
      tls.clientCa === undefined ? {} : { ca: tls.clientCa, requestCert: true, rejectUnauthorized: true };
    return createTlsServer({ ...proofs, ...asksBack });
  }

  async behave(behaviour: InboxBehaviour): Promise<void> {
    if ((behaviour.type === 'http2Only') !== (this.#behaviour.type === 'http2Only')) await this.#stopListening();
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
    this.requests.length = 0;
  }

  async close(): Promise<void> {
    await this.#stopListening();
    this.#watchers.clear();
  }

  #connected(socket: Socket): void {
    this.#sockets.add(socket);
    this.#tell({ type: 'connected', connections: this.connections });
    // The sender may reset the connection.
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
    const { method = '', url = '', headers } = request;
    this.requests.push({ method, path: url, headers });
    if (this.requests.length > REQUESTS_MAX) this.requests.shift();
    const behaviour = this.#behaviour;
    if (behaviour.type === 'hang' || behaviour.type === 'closeUnread') {
      if (behaviour.type === 'closeUnread') request.socket.destroy();
      this.#refused(0, 'by behaviour');
      return;
    }
    const asked = this.gate?.check(method, url, headers.authorization);
    if (asked?.type === 'challenge') {
      response.writeHead(401, { 'www-authenticate': [...asked.values] }).end();
      this.#refused(401, 'no password yet, or not the right one');
      return;
    }
    if (asked?.info !== undefined) response.setHeader('authentication-info', asked.info);
    if (behaviour.type === 'status' && url !== behaviour.exceptAt) this.#overrule(behaviour, request, body, response);
    else if (method === 'POST') this.#posted(request, body, response);
    else this.#answered(this.#polled(request), response);
  }

  #posted(request: IncomingMessage, body: string, response: ServerResponse): void {
    const behaviour = this.#behaviour;
    const key = String(request.headers['idempotency-key'] ?? body);
    if (behaviour.type === 'firstTimeEach' && !this.#met.has(key)) {
      this.#met.add(key);
      response.writeHead(behaviour.status).end('come again');
      this.#refused(behaviour.status, 'by behaviour, the first time');
    } else if (behaviour.type === 'capReply') {
      const cap = readCap(body);
      if (behaviour.msgType === 'Error') this.#refused(200, `by behaviour, with a CAP Error: ${behaviour.note ?? ''}`);
      else this.#take(request, body);
      const reply = cap === undefined ? '' : capReply(behaviour, cap, this.#nowMs());
      response.writeHead(200, { 'content-type': 'application/cap+xml' }).end(reply);
    } else this.#answered(this.#take(request, body), response);
  }

  #answered(status: number, response: ServerResponse): void {
    answer(response, status, this.#behaviour);
    if (this.#behaviour.type !== 'vanishAfterAnswer' || status !== 200) return;
    this.#behaviour = { type: 'refuse' };
    response.on('finish', () => void this.#stopListening());
  }

  #overrule(behaviour: StatusAnswer, request: IncomingMessage, sent: string, response: ServerResponse): void {
    const { status, times = Number.POSITIVE_INFINITY, location, headers = {}, body = 'by behaviour' } = behaviour;
    this.#behaviour = times > 1 ? { type: 'status', ...behaviour, times: times - 1 } : { type: 'normal' };
    const isTaken = behaviour.takes === true && request.method === 'POST' && this.#take(request, sent) === 200;
    if (!isTaken) this.#refused(status, 'by behaviour');
    response.writeHead(status, { ...headers, ...(location === undefined ? {} : { location }) }).end(body);
  }

  #polled({ method, headers }: IncomingMessage): number {
    if (method !== 'HEAD') return 405;
    const { authorization } = this.#options;
    if (authorization !== undefined && headers.authorization !== authorization) return 401;
    const behaviour = this.#behaviour;
    this.#polls += 1;
    this.#tell({ type: 'poll' });
    if (behaviour.type === 'polls') return behaviour.status;
    return behaviour.type === 'firstTimeEach' ? behaviour.polls : 200;
  }

  #nowMs(): number {
    return this.#options.nowWallMs?.() ?? Date.now();
  }

  #take(request: IncomingMessage, body: string): number {
    const judgement = judgePost(this.#options, request.headers, body, this.#nowMs());
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
