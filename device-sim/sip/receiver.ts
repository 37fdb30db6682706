import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { encodeSip, headerValue, replyTo, type SipRequest, type SipResponse } from '../../protocol/sip/message.ts';
import { Watchers } from '../watchers.ts';
import type { SipBehaviour } from './behaviour.ts';
import { type EmergencyCall, readCall } from './emergency-call.ts';
import { Gatekeeper, type SipAccount } from './gatekeeper.ts';
import { Inbox } from './inbox.ts';
import { SipSession, type SipSessionHost } from './session.ts';

export interface SipReceiverOptions {
  /** Port number; 0 for any free port. */
  readonly port: number;
  /** Default `127.0.0.1`. */
  readonly host?: string;
  /**
   * TLS certificate and key as PEM texts; absent for TCP without TLS. With `ca`, clients must show
   * a certificate of this authority.
   */
  readonly tls?: { readonly certificate: string; readonly key: string; readonly ca?: string };
  /** Account of the clients; absent if the receiver asks for no password. */
  readonly account?: SipAccount;
}

/** Every kind of notice for a listener. */
type SipNotice =
  | { readonly type: 'message'; readonly call: EmergencyCall; readonly isNew: boolean }
  | { readonly type: 'poll' }
  | { readonly type: 'refused'; readonly status: number }
  | { readonly type: 'answered'; readonly response: SipResponse }
  | { readonly type: 'pong' }
  | { readonly type: 'connected' | 'disconnected'; readonly connections: number }
  | { readonly type: 'connectionError'; readonly detail: string };

/** A simulated receiver of non-interactive emergency calls (RFC 8876): SIP over real TCP or TLS. */
export interface SipReceiver {
  readonly port: number;
  /** Every request that came, whatever the answer. */
  readonly requests: readonly SipRequest[];
  /** Every message accepted, including repeats. */
  readonly messages: readonly EmergencyCall[];
  /** What the operator sees: each CAP message once. */
  readonly displayed: readonly EmergencyCall[];
  readonly connections: number;
  /**
   * Sets the behaviour towards new requests. Resolves when the listener is in its new state.
   * @throws RangeError if the behaviour is to challenge and there is no account
   */
  behave(behaviour: SipBehaviour): Promise<void>;
  /** Sends a request, or any bytes, on every open connection. */
  say(what: SipRequest | Uint8Array): void;
  /** Makes answers to the last challenge invalid. */
  renewChallenge(): void;
  /** @returns a function that removes the listener */
  on(listener: (notice: SipNotice) => void): () => void;
  /** Resolves as soon as the condition holds. It is checked at each notice. */
  until(condition: (receiver: SipReceiver) => boolean): Promise<void>;
  clear(): void;
  close(): Promise<void>;
}

export async function startSipReceiver(options: SipReceiverOptions): Promise<SipReceiver> {
  const receiver = new SimulatedSipReceiver(options);
  await receiver.listen();
  return receiver;
}

class SimulatedSipReceiver implements SipReceiver, SipSessionHost {
  readonly requests: SipRequest[] = [];
  readonly #options: SipReceiverOptions;
  readonly #inbox = new Inbox();
  readonly #gatekeeper: Gatekeeper | undefined;
  readonly #sessions = new Set<SipSession>();
  readonly #watchers = new Watchers<SipNotice>();
  #server: Server | undefined;
  #behaviour: SipBehaviour = { type: 'normal' };
  #port: number;

  constructor(options: SipReceiverOptions) {
    this.#options = options;
    this.#port = options.port;
    this.#gatekeeper = options.account && new Gatekeeper(options.account);
  }

  get port(): number {
    return this.#port;
  }

  get messages(): readonly EmergencyCall[] {
    return this.#inbox.messages;
  }

  get displayed(): readonly EmergencyCall[] {
    return this.#inbox.displayed;
  }

  get connections(): number {
    return this.#sessions.size;
  }

  async listen(): Promise<void> {
    const { tls } = this.#options;
    const accept = (socket: Socket) => {
      this.#sessions.add(new SipSession(socket, this));
      this.#tell({ type: 'connected', connections: this.connections });
    };
    const server = tls === undefined ? createServer(accept) : createTlsServer(tlsServer(tls), accept);
    server.listen(this.#port, this.#options.host ?? '127.0.0.1');
    await once(server, 'listening');
    server.on('error', (error) => this.failed(error));
    server.on('tlsClientError', (error: Error) => this.failed(error));
    this.#server = server;
    this.#port = (server.address() as AddressInfo).port;
  }

  async behave(behaviour: SipBehaviour): Promise<void> {
    if (behaviour.type === 'challenge' && this.#gatekeeper === undefined) {
      throw new RangeError('this receiver knows no user and password to ask for: write user: for the path');
    }
    const before = this.#behaviour.type;
    this.#gatekeeper?.ask(behaviour.type === 'challenge' ? behaviour.form : undefined);
    this.#behaviour = behaviour;
    if (before === 'vanish' && behaviour.type !== 'vanish') this.#resetAll();
    for (const session of this.#sessions) if (session.gone) session.reset();
    if (behaviour.type === 'refuse') await this.#stopListening();
    else if (this.#server === undefined) await this.listen();
    for (const session of this.#sessions) session.adapt();
  }

  say(what: SipRequest | Uint8Array): void {
    const bytes = what instanceof Uint8Array ? what : encodeSip(what);
    for (const session of this.#sessions) session.write(bytes);
  }

  renewChallenge(): void {
    this.#gatekeeper?.renew();
  }

  on(listener: (notice: SipNotice) => void): () => void {
    return this.#watchers.on(listener);
  }

  until(condition: (receiver: SipReceiver) => boolean): Promise<void> {
    return this.#watchers.until(() => condition(this));
  }

  clear(): void {
    this.requests.length = 0;
    this.#inbox.clear();
  }

  async close(): Promise<void> {
    await this.#stopListening();
    this.#watchers.clear();
  }

  behaviour(): SipBehaviour {
    return this.#behaviour;
  }

  take(request: SipRequest): SipResponse {
    this.requests.push(request);
    const response = this.#refusal(request) ?? this.#accept(request);
    if (response.status >= 300) this.#tell({ type: 'refused', status: response.status });
    return response;
  }

  answered(response: SipResponse): void {
    this.#tell({ type: 'answered', response });
  }

  pong(): void {
    this.#tell({ type: 'pong' });
  }

  ended(session: SipSession): void {
    this.#sessions.delete(session);
    this.#tell({ type: 'disconnected', connections: this.connections });
  }

  failed(error: Error): void {
    this.#tell({ type: 'connectionError', detail: error.message });
  }

  #refusal(request: SipRequest): SipResponse | undefined {
    const behaviour = this.#behaviour;
    if (behaviour.type === 'refuseWith') {
      const headers = Object.entries(behaviour.headers ?? {}).map(([name, value]) => ({ name, value }));
      return replyTo(request, behaviour.status, 'By Behaviour', 'sim', headers);
    }
    if (behaviour.type === 'failPolls') return this.#failure(request, behaviour) ?? this.#gatekeeper?.check(request);
    if (behaviour.type === 'refuseMessages' && request.method === 'MESSAGE') {
      return replyTo(request, behaviour.status, 'By Behaviour', 'sim');
    }
    if (behaviour.type === 'badAlert') return badAlert(request, behaviour.code);
    if (behaviour.type === 'badLocation' && headerValue(request, 'Geolocation') !== undefined) {
      const error = { name: 'Geolocation-Error', value: '100 ; code="Cannot Process Location"' };
      return replyTo(request, 424, 'Bad Location Information', 'sim', [error]);
    }
    return this.#gatekeeper?.check(request);
  }

  #failure(
    request: SipRequest,
    { poll, first }: Extract<SipBehaviour, { type: 'failPolls' }>,
  ): SipResponse | undefined {
    if (request.method === 'OPTIONS') return replyTo(request, poll, 'By Behaviour', 'sim');
    const callId = headerValue(request, 'Call-ID');
    const earlier = this.requests.filter((one) => headerValue(one, 'Call-ID') === callId);
    return first === undefined || earlier.length > 1 ? undefined : replyTo(request, first, 'By Behaviour', 'sim');
  }

  #accept(request: SipRequest): SipResponse {
    const passed = this.#gatekeeper?.passed() ?? [];
    if (request.method === 'OPTIONS') {
      this.#tell({ type: 'poll' });
      return replyTo(request, 200, 'OK', 'sim', [...passed, { name: 'Allow', value: 'MESSAGE, OPTIONS' }]);
    }
    if (request.method !== 'MESSAGE') return replyTo(request, 405, 'Method Not Allowed', 'sim');
    const call = readCall(request);
    if (typeof call === 'number') return badAlert(request, call);
    this.#tell({ type: 'message', call, isNew: this.#inbox.accept(call) });
    return this.#behaviour.type === 'relayed'
      ? replyTo(request, 202, 'Accepted', 'sim', passed)
      : replyTo(request, 200, 'OK', 'sim', passed);
  }

  async #stopListening(): Promise<void> {
    const server = this.#server;
    if (server === undefined) return;
    this.#server = undefined;
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    this.#resetAll();
    await closed;
  }

  #resetAll(): void {
    for (const session of this.#sessions) session.reset();
  }

  #tell(notice: SipNotice): void {
    this.#watchers.tell(notice);
  }
}

function badAlert(request: SipRequest, code: number): SipResponse {
  const error = { name: 'AlertMsg-Error', value: `${code} ; code="Cannot process the alert payload"` };
  return replyTo(request, 425, 'Bad Alert Message', 'sim', [error]);
}

function tlsServer({ certificate, key, ca }: NonNullable<SipReceiverOptions['tls']>) {
  const asked = ca === undefined ? {} : { ca, requestCert: true, rejectUnauthorized: true };
  return { cert: certificate, key, minVersion: 'TLSv1.2', ...asked } as const;
}
