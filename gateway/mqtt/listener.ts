import { createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer, Server as TlsServer } from 'node:tls';
import type { Aedes, Client } from 'aedes';
import { CallpointError } from '../../protocol/errors.ts';
import type { Admission } from './admission.ts';
import { type BrokerSink, isLoopback } from './broker.ts';
import type { ClientGuard } from './client-guard.ts';
import { plainAddress } from './connection-places.ts';
import { Mqtt5Connection } from './mqtt5/connection.ts';
import { awaitProtocolLevel } from './mqtt5/first-packet.ts';
import { PacketLimit } from './packet-limit.ts';
import type { EmbeddedBroker } from './settings.ts';
import type { Cause, TurnedAwayClients } from './turned-away-clients.ts';

/** A backstop. `Admission` keeps the number far below it. */
const CONNECTIONS_MAX = 600;
const TLS_HANDSHAKE_MS = 5000;
/** A connection that has not said by then which MQTT it speaks is closed. */
const CONNECT_MS = 5000;
const MQTT_5 = 5;
/** RFC 8446 §5.1: the first byte of a client that begins a handshake. */
const TLS_HANDSHAKE = 0x16;

interface ListenerOptions {
  readonly aedes: Aedes;
  readonly sink: BrokerSink;
  readonly admission: Admission;
  readonly guard: Pick<ClientGuard, 'packetBytesMax' | 'packetTooLong' | 'notSent'>;
  readonly turnedAway: TurnedAwayClients;
  readonly retryMs: number;
}

/**
 * Keeps the broker's port open. Tries again for ever, and reports each new reason why it cannot.
 */
export class Listener {
  #settings: EmbeddedBroker;
  readonly #options: ListenerOptions;
  #server: Server | undefined;
  #retry: NodeJS.Timeout | undefined;
  #problem = '';
  #stopped = false;
  /** Connections as accepted, by the far end's address and port. */
  readonly #sockets = new Map<string, Socket>();
  /** Those with TLS that have done the handshake, or of which the log has the fault. */
  readonly #explained = new WeakSet<Socket>();

  constructor(settings: EmbeddedBroker, options: ListenerOptions) {
    this.#settings = settings;
    this.#options = options;
  }

  start(): void {
    const { host, port, tls } = this.#settings;
    if (tls === undefined && !isLoopback(host)) {
      this.#down(
        new CallpointError(
          'BROKER_UNAVAILABLE',
          `MQTT on ${host} needs TLS: give a certificate, or listen on 127.0.0.1`,
        ),
      );
      return;
    }
    try {
      const server = this.#createServer();
      this.#server = server;
      server.on('error', (error: NodeJS.ErrnoException) => this.#failed(server, error));
      server.listen(port, host, () => this.#listening(server));
    } catch (error) {
      this.#down(new CallpointError('BROKER_UNAVAILABLE', `MQTT can't use its certificate or key: ${String(error)}`));
    }
  }

  /** Connections that stand keep what they were opened with. */
  renew(tls: NonNullable<EmbeddedBroker['tls']>): void {
    this.#settings = { ...this.#settings, tls };
    if (this.#stopped) return;
    // With the pair of the start no server could be made.
    if (this.#server === undefined) this.start();
    else if (this.#server instanceof TlsServer) {
      this.#server.setSecureContext({ cert: tls.certificate, key: tls.key });
    }
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#retry);
    const server = this.#server;
    if (server === undefined) return;
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    for (const socket of this.#sockets.values()) socket.destroy();
    await closed;
  }

  #createServer(): Server {
    const { tls } = this.#settings;
    const base = { noDelay: true, keepAlive: true, keepAliveInitialDelay: 30_000 };
    const server =
      tls === undefined
        ? createServer(base)
        : createTlsServer({ ...base, cert: tls.certificate, key: tls.key, handshakeTimeout: TLS_HANDSHAKE_MS });
    server.maxConnections = CONNECTIONS_MAX;
    // Before the TLS handshake, which a stranger may never finish.
    server.prependListener('connection', (socket: Socket) => this.#arrive(socket));
    server.on(tls === undefined ? 'connection' : 'secureConnection', (stream: Socket) => this.#serve(stream));
    server.on('tlsClientError', (error: NodeJS.ErrnoException, stream: Socket) => {
      // The close of its connection tells it, with the address.
      if (error.code === 'ECONNRESET') return;
      const socket = this.#sockets.get(endsOf(stream) ?? '');
      if (socket !== undefined) this.#explained.add(socket);
      const address = plainAddress(stream.remoteAddress ?? '');
      this.#options.turnedAway.turnAway({ address }, tlsFault(error));
    });
    server.on('drop', () => {
      const detail = `more than ${CONNECTIONS_MAX} MQTT connections: one was refused`;
      this.#options.sink.notice({ level: 'warn', event: 'mqtt_connections_full', detail });
    });
    return server;
  }

  #arrive(socket: Socket): void {
    const ends = endsOf(socket);
    if (ends === undefined) {
      socket.destroy();
      return;
    }
    this.#sockets.set(ends, socket);
    socket.once('close', () => {
      if (this.#sockets.get(ends) === socket) this.#sockets.delete(ends);
      if (this.#settings.tls !== undefined && !this.#explained.has(socket)) this.#hungUp(socket);
    });
    this.#options.admission.arrive(socket);
  }

  /** A client that distrusts the certificate may do so without an alert of TLS, as Node does. */
  #hungUp(socket: Socket): void {
    if (this.#stopped) return;
    const { admission, turnedAway } = this.#options;
    const what = 'the connection ended before the TLS handshake was done';
    const advice = `if it is a client: ${ADVICE_OF_TRUST}`;
    // Programs that watch ports do the same.
    const cause = { event: 'mqtt_tls_ended', level: 'info', what, advice, isTrouble: false } as const;
    turnedAway.turnAway({ address: admission.addressOf(socket) }, cause);
  }

  #serve(stream: Socket): void {
    const { admission } = this.#options;
    const socket = this.#sockets.get(endsOf(stream) ?? '');
    // It is closed already, or it had to make room.
    if (socket === undefined || socket.destroyed) {
      stream.destroy();
      return;
    }
    this.#explained.add(socket);
    admission.secured(socket, stream);
    stream.setNoDelay(true);
    awaitProtocolLevel(stream, CONNECT_MS, {
      known: (level) => {
        if (level === MQTT_5) this.#serve5(socket, stream);
        else this.#serve4(stream);
      },
      late: () => {
        const from = `(from ${admission.addressOf(stream)})`;
        const detail = `a connection without login: connect did not arrive in time ${from}`;
        this.#options.sink.notice({ level: 'info', event: 'mqtt_connection_error', detail });
        stream.destroy();
      },
    });
  }

  #serve4(stream: Socket): void {
    const { aedes, admission, guard } = this.#options;
    const client = aedes.handle(stream);
    // After `handle`: aedes reads on 'readable', and 'data' then only shows what aedes has read.
    const limit = new PacketLimit(guard.packetBytesMax(client));
    if (this.#settings.tls === undefined) this.#expectPlain(stream);
    stream.on('data', (chunk: Buffer) => {
      admission.heard(stream);
      limit.maxBytes = guard.packetBytesMax(client);
      if (!limit.accepts(chunk)) stream.destroy(guard.packetTooLong(client, limit.announced));
    });
  }

  /** aedes 1.2.0 speaks MQTT 3.1 and 3.1.1: it gets the client of MQTT 5 translated. */
  #serve5(socket: Socket, stream: Socket): void {
    const { aedes, admission, guard } = this.#options;
    let client: Client | undefined;
    const connection = new Mqtt5Connection(stream, {
      packetBytesMax: () => guard.packetBytesMax(client),
      packetTooLong: (bytes) => guard.packetTooLong(client, bytes),
      notSent: (what) => guard.notSent(client, what),
      isStopping: () => this.#stopped || aedes.closed,
    });
    admission.secured(socket, connection);
    stream.on('data', () => admission.heard(stream));
    client = aedes.handle(connection);
  }

  /** A client that wants TLS gets no readable answer from a port without it. */
  #expectPlain(stream: Socket): void {
    const { admission, turnedAway } = this.#options;
    stream.once('data', (chunk: Buffer) => {
      if (chunk[0] !== TLS_HANDSHAKE) return;
      const advice = 'let it use mqtt:// without TLS, or give mqtt: a certificate (tls:)';
      const cause = { event: 'mqtt_tls_refused', what: 'speaks TLS, and this port is without', advice };
      stream.destroy(turnedAway.turnAway({ address: admission.addressOf(stream) }, cause));
    });
  }

  #listening(server: Server): void {
    this.#problem = '';
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? address.port : this.#settings.port;
    const how = this.#settings.tls === undefined ? 'plain' : 'TLS';
    this.#options.sink.listening(port);
    this.#options.sink.health('up', `embedded broker listens on ${this.#settings.host}:${port} (${how})`);
  }

  #failed(server: Server, error: NodeJS.ErrnoException): void {
    if (server.listening) {
      // Out of file descriptors while accepting, for example: the open connections go on.
      this.#options.sink.notice({ level: 'warn', event: 'mqtt_accept_failed', detail: error.message });
      return;
    }
    this.#down(explain(error, this.#settings));
    if (this.#stopped) return;
    this.#retry = setTimeout(() => this.start(), this.#options.retryMs);
  }

  #down(problem: CallpointError): void {
    if (problem.message === this.#problem) return;
    this.#problem = problem.message;
    this.#options.sink.health('down', problem.message);
  }
}

const ADVICE_OF_TRUST = 'give it the CA that signed our certificate, and a host name of the certificate';

/** Why a handshake failed, by OpenSSL's name of the fault. */
function tlsFault({ code = '', message }: NodeJS.ErrnoException): Cause {
  const event = 'mqtt_tls_refused';
  if (code === 'ERR_SSL_WRONG_VERSION_NUMBER' || code === 'ERR_SSL_PACKET_LENGTH_TOO_LONG') {
    return { event, what: 'does not speak TLS, and this port needs it', advice: 'let it use mqtts:// (TLS)' };
  }
  if (/ALERT_(UNKNOWN_CA|BAD_CERTIFICATE|CERTIFICATE_UNKNOWN|CERTIFICATE_EXPIRED)/.test(code)) {
    return { event, what: 'does not trust our certificate', advice: ADVICE_OF_TRUST };
  }
  if (/UNSUPPORTED_PROTOCOL|NO_SHARED_CIPHER|VERSION_TOO_LOW/.test(code)) {
    return { event, what: 'speaks no TLS that is safe', advice: 'update it: it needs TLS 1.2 or 1.3' };
  }
  const what = `TLS handshake failed: ${message}`;
  return { event, level: 'info', what, advice: 'see what connects there', isTrouble: false };
}

function explain(error: NodeJS.ErrnoException, { host, port }: EmbeddedBroker): CallpointError {
  const cause = { cause: error };
  if (error.code === 'EADDRINUSE') {
    const advice = `find it with "ss -ltnp 'sport = :${port}'" and stop it, or give MQTT another port`;
    return new CallpointError(
      'PORT_TAKEN',
      `MQTT port ${port} on ${host} is used by another program: ${advice}. Trying again.`,
      cause,
    );
  }
  if (error.code === 'EACCES') {
    const advice = 'ports below 1024 are reserved for root; give MQTT another port';
    return new CallpointError('BROKER_UNAVAILABLE', `MQTT may not use port ${port}: ${advice}.`, cause);
  }
  return new CallpointError('BROKER_UNAVAILABLE', `MQTT can't listen on ${host}:${port}: ${error.message}`, cause);
}

/** Finds the connection that a handshake was made on. `undefined`: it is closed. */
function endsOf({ localAddress, remoteAddress, remotePort }: Socket): string | undefined {
  return remotePort === undefined ? undefined : `${localAddress} ${remoteAddress} ${remotePort}`;
}
