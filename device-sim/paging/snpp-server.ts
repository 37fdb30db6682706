import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer, type TlsOptions } from 'node:tls';
import { encodeSnppCommand, readSnppCommand, SnppLines } from '../../protocol/paging/snpp.ts';
import { drip } from '../drip.ts';
import { Watchers } from '../watchers.ts';
import { PageDesk, type ReceivedPage, type ShownPage } from './page-desk.ts';

type SnppVerb = 'greeting' | 'LOGI' | 'PAGE' | 'MESS' | 'SEND' | 'RESE' | 'QUIT';

/** How the simulated server treats commands from now on. */
export type SnppBehaviour =
  | { readonly type: 'normal' }
  /** There is no listener, and open connections are reset. */
  | { readonly type: 'refuse' }
  | { readonly type: 'hang'; readonly at: SnppVerb }
  /** The server drops the connection instead of answering. */
  | { readonly type: 'drop'; readonly at: SnppVerb }
  /**
   * The server answers with this line, `times` times (default: always). A 4xx also closes the
   * connection. With `pager`, only a PAGE to this pager gets it. A SEND that is answered with 2xx,
   * 8xx or 9xx is accepted.
   */
  | {
      readonly type: 'answer';
      readonly at: SnppVerb;
      readonly line: string;
      readonly pager?: string;
      readonly times?: number;
    }
  /** The server sends half of the answer's line and no more. */
  | { readonly type: 'halfAnswer'; readonly at: SnppVerb }
  /**
   * The server accepts the page and drops the connection instead of answering, this number of
   * times.
   */
  | { readonly type: 'vanishAfterAccepting'; readonly times: number }
  /** The answer begins, then one byte comes every `ms`, for ever. */
  | { readonly type: 'drip'; readonly at: SnppVerb; readonly ms: number }
  | { readonly type: 'answerTwice' }
  | { readonly type: 'slow'; readonly ms: number };

export interface SnppServerOptions {
  /** Login that LOGI must give before PAGE. Default: none. */
  readonly login?: { readonly user: string; readonly password: string };
  /** Pagers that the server knows. Default: all. */
  readonly pagers?: readonly string[];
  readonly tls?: TlsOptions;
}

interface SnppNotice {
  readonly type: 'connected' | 'disconnected' | 'command' | 'page' | 'error';
  readonly detail: string;
}

interface Session {
  readonly socket: Socket;
  readonly lines: SnppLines;
  readonly timers: Set<NodeJS.Timeout>;
  isLoggedIn: boolean;
  pager: string | undefined;
  message: string | undefined;
}

/**
 * A simulated paging server: SNPP level 1 and the login of level 2 (RFC 1861), over real TCP or
 * TLS.
 */
export class SnppServer {
  readonly watchers = new Watchers<SnppNotice>();
  readonly notices: SnppNotice[] = [];
  readonly #options: SnppServerOptions;
  readonly #desk = new PageDesk();
  readonly #sessions = new Set<Session>();
  #behaviour: SnppBehaviour = { type: 'normal' };
  #server: Server | undefined;
  #port = 0;

  constructor(options: SnppServerOptions = {}) {
    this.#options = options;
  }

  get pages(): readonly ReceivedPage[] {
    return this.#desk.pages;
  }

  /** Each page once. */
  get shown(): readonly ShownPage[] {
    return this.#desk.shown;
  }

  get port(): number {
    return this.#port;
  }

  get connections(): number {
    return this.#sessions.size;
  }

  /** Verbs of the commands received, oldest first. */
  get commands(): readonly string[] {
    return this.notices.filter(({ type }) => type === 'command').map(({ detail }) => detail);
  }

  until(condition: (server: SnppServer) => boolean): Promise<void> {
    return this.watchers.until(() => condition(this));
  }

  /** @param port 0 for any free port */
  async listen(port: number, host = '127.0.0.1'): Promise<void> {
    const { tls } = this.#options;
    const taken = (socket: Socket) => this.#connected(socket);
    const server = tls === undefined ? createServer(taken) : createTlsServer(tls, taken);
    server.on('tlsClientError', (error) => this.#tell('error', error.message));
    server.listen(port, host);
    await once(server, 'listening');
    server.on('error', (error) => this.#tell('error', error.message));
    this.#server = server;
    this.#port = (server.address() as AddressInfo).port;
  }

  /** Sets the behaviour towards new commands. Resolves when the listener is in its new state. */
  async behave(behaviour: SnppBehaviour): Promise<void> {
    const wasRefusing = this.#behaviour.type === 'refuse';
    this.#behaviour = behaviour;
    if (behaviour.type === 'refuse') await this.#stopListening();
    else if (wasRefusing) await this.listen(this.#port);
  }

  clear(): void {
    this.#desk.clear();
    this.notices.length = 0;
  }

  async close(): Promise<void> {
    await this.#stopListening();
    this.watchers.clear();
  }

  #connected(socket: Socket): void {
    socket.setNoDelay(true);
    const session: Session = {
      socket,
      lines: new SnppLines(),
      timers: new Set(),
      isLoggedIn: this.#options.login === undefined,
      pager: undefined,
      message: undefined,
    };
    this.#sessions.add(session);
    socket.on('data', (bytes) => {
      for (const line of session.lines.push(bytes)) this.#command(session, line);
    });
    socket.on('error', (error) => this.#tell('error', error.message));
    socket.on('close', () => {
      for (const timer of session.timers) clearTimeout(timer);
      this.#sessions.delete(session);
      this.#tell('disconnected', '');
    });
    this.#tell('connected', '');
    this.#answer(session, 'greeting', '220 Simulated paging server ready');
  }

  #command(session: Session, line: string): void {
    const { verb, rest } = readSnppCommand(line);
    this.#tell('command', verb);
    switch (verb) {
      case 'LOGI':
        this.#answer(session, verb, this.#login(session, rest));
        return;
      case 'PAGE':
        this.#answer(session, verb, this.#page(session, rest), rest);
        return;
      case 'MESS':
        session.message = rest;
        this.#answer(session, verb, '250 Message OK');
        return;
      case 'RESE':
        session.pager = undefined;
        session.message = undefined;
        this.#answer(session, verb, '250 Reset');
        return;
      case 'SEND':
        this.#send(session);
        return;
      case 'QUIT':
        this.#answer(session, verb, '221 Goodbye');
        return;
      // These are service level and subject (level 2), and parameters of particular servers.
      // Nothing here depends on them.
      case 'LEVE':
      case 'SUBJ':
      case 'SITE':
        this.#write(session, '250 OK');
        return;
      default:
        this.#write(session, '500 Command not implemented');
    }
  }

  #login(session: Session, rest: string): string {
    const { login } = this.#options;
    session.isLoggedIn = login === undefined || rest === `${login.user} ${login.password}`;
    return session.isLoggedIn ? '250 Login accepted' : '550 Error, invalid login ID or password';
  }

  #page(session: Session, pager: string): string {
    if (!session.isLoggedIn) return '530 Please login';
    const { pagers } = this.#options;
    if (pagers !== undefined && !pagers.includes(pager)) return '550 Error, invalid pager ID';
    session.pager = pager;
    return '250 Pager ID accepted';
  }

  #send(session: Session): void {
    const { pager, message } = session;
    if (pager === undefined || message === undefined) {
      this.#answer(session, 'SEND', '503 Error, pager ID or message incomplete');
      return;
    }
    const behaviour = this.#behaviour;
    const told = behaviour.type === 'answer' && behaviour.at === 'SEND' ? behaviour.line : '250';
    const never = 'at' in behaviour && behaviour.at === 'SEND' && !['answer', 'drip'].includes(behaviour.type);
    if (/^[289]/.test(told) && !never) {
      this.#desk.take(pager, message);
      this.#tell('page', pager);
    }
    session.pager = undefined;
    session.message = undefined;
    if (behaviour.type === 'vanishAfterAccepting' && behaviour.times > 0) {
      this.#behaviour = { ...behaviour, times: behaviour.times - 1 };
      session.socket.destroy();
    } else this.#answer(session, 'SEND', '250 Message sent');
  }

  /** Sends the proper answer, if the behaviour allows it. */
  #answer(session: Session, at: SnppVerb, proper: string, pager?: string): void {
    const behaviour = this.#behaviour;
    if (behaviour.type === 'slow') {
      this.#later(session, behaviour.ms, () => this.#write(session, proper));
      return;
    }
    if ('at' in behaviour && behaviour.at === at) {
      if (behaviour.type === 'hang') return;
      if (behaviour.type === 'drop') {
        session.socket.destroy();
        return;
      }
      if (behaviour.type === 'drip') {
        drip(session.socket, '250-', behaviour.ms);
        return;
      }
      if (behaviour.type === 'halfAnswer') {
        session.socket.write(proper.slice(0, 6));
        return;
      }
      if (behaviour.pager === undefined || behaviour.pager === pager) {
        const { times = Number.POSITIVE_INFINITY } = behaviour;
        this.#behaviour = times > 1 ? { ...behaviour, times: times - 1 } : { type: 'normal' };
        this.#write(session, behaviour.line);
        return;
      }
    }
    this.#write(session, proper);
    if (behaviour.type === 'answerTwice') this.#write(session, proper);
  }

  #write(session: Session, line: string): void {
    if (!session.socket.writable) return;
    session.socket.write(encodeSnppCommand(line));
    if (/^(221|4)/.test(line)) session.socket.end();
  }

  #later(session: Session, ms: number, action: () => void): void {
    const timer = setTimeout(() => {
      session.timers.delete(timer);
      action();
    }, ms);
    session.timers.add(timer);
  }

  async #stopListening(): Promise<void> {
    const server = this.#server;
    if (server === undefined) return;
    this.#server = undefined;
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    for (const { socket } of this.#sessions) {
      // TLS cannot reset a connection.
      if (this.#options.tls === undefined) socket.resetAndDestroy();
      else socket.destroy();
    }
    await closed;
  }

  #tell(type: SnppNotice['type'], detail: string): void {
    const notice = { type, detail };
    this.notices.push(notice);
    this.watchers.tell(notice);
  }
}
