import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { Watchers } from '../watchers.ts';
import type { ReceiverBehaviour } from './behaviour.ts';
import { Datagrams } from './datagrams.ts';
import { Desk, type ReceivedEvent } from './desk.ts';
import { Session, type SessionHost } from './session.ts';
import { type AnswerRules, type NullPolicy, type ReceiverAccount, type Verdict, verdictOn } from './verdict.ts';

export interface ReceiverOptions {
  /** Port number; 0 for any free port. */
  readonly port: number;
  /** Default `127.0.0.1`. */
  readonly host?: string;
  readonly accounts: readonly ReceiverAccount[];
  /** Default `accept`. */
  readonly nullPolicy?: NullPolicy;
  /** Default: this machine's clock. */
  readonly nowWallMs?: () => number;
  /** True to listen also on the UDP port of the same number. Default false. */
  readonly udp?: boolean;
  /** TLS on the TCP port, as PEM texts. */
  readonly tls?: ReceiverTls;
}

export interface ReceiverTls {
  readonly certificate: string;
  readonly key: string;
  /**
   * Authorities that must have signed the senders' certificates; absent if senders need no
   * certificate.
   */
  readonly ca?: string;
}

/** Every kind of notice for a listener. */
export type ReceiverNotice =
  | { readonly type: 'event'; readonly event: ReceivedEvent; readonly isNew: boolean }
  | { readonly type: 'poll'; readonly account: string; readonly answer: Verdict['answer'] }
  /** A frame that was not accepted: it was damaged, had the wrong time, or was not understood. */
  | { readonly type: 'refused'; readonly answer: Verdict['answer']; readonly why: string }
  | { readonly type: 'connected' | 'disconnected'; readonly connections: number }
  | { readonly type: 'arrived' }
  | { readonly type: 'connectionError'; readonly detail: string };

/** A simulated central-station receiver: DC-09 over real TCP, TLS and UDP. */
export interface Receiver {
  readonly port: number;
  /** Every event accepted, including repeats. */
  readonly events: readonly ReceivedEvent[];
  /** What the operator sees: each report once. */
  readonly displayed: readonly ReceivedEvent[];
  readonly connections: number;
  /** Polls acknowledged since start. */
  readonly polls: number;
  /** Number of segments and datagrams since the start, whether answered or not. */
  readonly arrivals: number;
  /** Connections accepted since start. */
  readonly accepted: number;
  /** Sets the behaviour towards new messages. Resolves when the listener is in its new state. */
  behave(behaviour: ReceiverBehaviour): Promise<void>;
  /** @returns a function that removes the listener */
  on(listener: (notice: ReceiverNotice) => void): () => void;
  /** Resolves as soon as the condition holds. It is checked at each notice. */
  until(condition: (receiver: Receiver) => boolean): Promise<void>;
  /** Empties `events` and `displayed`. */
  clear(): void;
  close(): Promise<void>;
}

export async function startReceiver(options: ReceiverOptions): Promise<Receiver> {
  const receiver = new SimulatedReceiver(options);
  await receiver.listen();
  return receiver;
}

class SimulatedReceiver implements Receiver, SessionHost {
  readonly #options: ReceiverOptions;
  readonly #rules: AnswerRules;
  readonly #desk = new Desk();
  readonly #sessions = new Set<Session>();
  /** Sockets in their TLS handshake or after it. */
  readonly #wrapped = new Set<Socket>();
  readonly #watchers = new Watchers<ReceiverNotice>();
  #server: Server | undefined;
  #datagrams: Datagrams | undefined;
  #behaviour: ReceiverBehaviour = { type: 'normal' };
  #port: number;
  #polls = 0;
  #arrivals = 0;
  #accepted = 0;

  constructor(options: ReceiverOptions) {
    this.#options = options;
    this.#port = options.port;
    this.#rules = {
      accounts: new Map(options.accounts.map((account) => [account.account.toUpperCase(), account])),
      nullPolicy: options.nullPolicy ?? 'accept',
      random: randomBytes,
    };
  }

  get port(): number {
    return this.#port;
  }

  get events(): readonly ReceivedEvent[] {
    return this.#desk.events;
  }

  get displayed(): readonly ReceivedEvent[] {
    return this.#desk.displayed;
  }

  get connections(): number {
    return this.#sessions.size;
  }

  get polls(): number {
    return this.#polls;
  }

  get arrivals(): number {
    return this.#arrivals;
  }

  get accepted(): number {
    return this.#accepted;
  }

  async listen(): Promise<void> {
    const address = this.#options.host ?? '127.0.0.1';
    const server = this.#options.tls === undefined ? createServer() : this.#tlsServer(this.#options.tls);
    server.on(this.#options.tls === undefined ? 'connection' : 'secureConnection', (socket: Socket) => {
      const session = new Session(socket, this);
      this.#sessions.add(session);
      session.adapt();
      this.#accepted += 1;
      this.#tell({ type: 'connected', connections: this.connections });
    });
    server.listen(this.#port, address);
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    try {
      if (this.#options.udp) this.#datagrams = await Datagrams.listen(port, address, this);
    } catch (error) {
      server.close();
      // A free TCP port may be in use on UDP. Another pair of ports will do.
      if (this.#port === 0 && (error as NodeJS.ErrnoException).code === 'EADDRINUSE') return this.listen();
      throw error;
    }
    server.on('error', (error) => this.failed(error));
    this.#server = server;
    this.#port = port;
  }

  async behave(behaviour: ReceiverBehaviour): Promise<void> {
    const before = this.#behaviour.type;
    this.#behaviour = behaviour;
    if (before === 'vanish' && behaviour.type !== 'vanish') this.#resetAll();
    if (behaviour.type === 'refuse') await this.#stopListening();
    else if (this.#server === undefined) await this.listen();
    for (const session of this.#sessions) session.adapt();
  }

  on(listener: (notice: ReceiverNotice) => void): () => void {
    return this.#watchers.on(listener);
  }

  until(condition: (receiver: Receiver) => boolean): Promise<void> {
    return this.#watchers.until(() => condition(this));
  }

  clear(): void {
    this.#desk.clear();
  }

  async close(): Promise<void> {
    await this.#stopListening();
    this.#watchers.clear();
  }

  behaviour(): ReceiverBehaviour {
    return this.#behaviour;
  }

  reads(session: Session): boolean {
    if (this.#behaviour.type !== 'oneConnection') return true;
    const [first] = this.#sessions;
    return session === first;
  }

  arrived(): void {
    this.#arrivals += 1;
    this.#tell({ type: 'arrived' });
  }

  nowWallMs(): number {
    const ownMs = this.#options.nowWallMs?.() ?? Date.now();
    return this.#behaviour.type === 'clockOff' ? ownMs + this.#behaviour.ms : ownMs;
  }

  take(frame: Uint8Array, firstByteMs: number): Verdict {
    const receivedMs = this.nowWallMs();
    const proper = verdictOn(this.#rules, frame, receivedMs);
    const verdict = proper.answer === 'drop' ? proper : this.#overrule(proper);
    if (verdict.answer !== 'ack') {
      if (verdict.poll) this.#tell({ type: 'poll', account: verdict.envelope?.account ?? '', answer: verdict.answer });
      else this.#tell({ type: 'refused', answer: verdict.answer, why: verdict.why });
    } else if (verdict.events.length > 0) {
      for (const each of verdict.events) {
        const event = { ...each, firstByteMs, receivedMs };
        this.#tell({ type: 'event', event, isNew: this.#desk.accept(event) });
      }
    } else {
      this.#polls += 1;
      this.#tell({ type: 'poll', account: verdict.envelope?.account ?? '', answer: 'ack' });
    }
    return verdict;
  }

  ended(session: Session): void {
    this.#sessions.delete(session);
    if (this.#behaviour.type === 'oneConnection') for (const other of this.#sessions) other.adapt();
    this.#tell({ type: 'disconnected', connections: this.connections });
  }

  failed(error: Error): void {
    this.#tell({ type: 'connectionError', detail: error.message });
  }

  /** Applies a behaviour that overrides the verdict, even on a good frame. */
  #overrule(verdict: Verdict): Verdict {
    const behaviour = this.#behaviour;
    const why = 'by behaviour';
    if (behaviour.type === 'vanishAfterAccepting') {
      if (verdict.events.length === 0) return verdict;
      this.#behaviour = { type: 'vanish' };
      for (const session of this.#sessions) session.adapt();
      return { ...verdict, answerLost: true };
    }
    if (behaviour.type === 'silentToNull' && verdict.poll) return { ...verdict, answer: 'drop', why };
    if (behaviour.type === 'nakFormat' && verdict.envelope?.token === behaviour.format)
      return { ...verdict, answer: 'nak', why };
    if (behaviour.type === 'bareNak') return { ...verdict, answer: 'nak', why };
    if (!('times' in behaviour)) return verdict;
    this.#behaviour = behaviour.times > 1 ? { ...behaviour, times: behaviour.times - 1 } : { type: 'normal' };
    if (behaviour.times < 1) return verdict;
    if (behaviour.type === 'loseAnswers') return { ...verdict, answerLost: true };
    return { ...verdict, answer: behaviour.type === 'loseRequests' ? 'drop' : behaviour.type, why };
  }

  #tlsServer({ certificate, key, ca }: ReceiverTls): Server {
    const proof = ca === undefined ? {} : { ca, requestCert: true, rejectUnauthorized: true };
    const server = createTlsServer({ cert: certificate, key, ...proof });
    server.on('connection', (socket: Socket) => {
      this.#wrapped.add(socket);
      socket.on('close', () => this.#wrapped.delete(socket));
    });
    server.on('tlsClientError', (error) => this.failed(error));
    return server;
  }

  async #stopListening(): Promise<void> {
    const server = this.#server;
    if (server === undefined) return;
    this.#server = undefined;
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    this.#resetAll();
    for (const socket of this.#wrapped) socket.destroy();
    const datagrams = this.#datagrams;
    this.#datagrams = undefined;
    await Promise.all([closed, datagrams?.close()]);
  }

  #resetAll(): void {
    for (const session of this.#sessions) session.reset();
  }

  #tell(notice: ReceiverNotice): void {
    this.#watchers.tell(notice);
  }
}
