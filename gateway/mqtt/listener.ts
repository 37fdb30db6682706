import { createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer, Server as TlsServer } from 'node:tls';
import type { Aedes, Client } from 'aedes';
import { CallpointError } from '../../protocol/errors.ts';
import type { Admission } from './admission.ts';
import { type BrokerSink, isLoopback } from './broker.ts';
import { PacketLimit } from './packet-limit.ts';
import type { EmbeddedBroker } from './settings.ts';

/** A backstop. `Admission` keeps the number far below it. */
const CONNECTIONS_MAX = 600;
/** Every command and every subscription fits. The library itself has no limit. */
const PACKET_BYTES_MAX = 64 * 1024;
/** A Zigbee bridge describes all its devices in one message, some kB for each. */
const DEVICE_PACKET_BYTES_MAX = 1024 * 1024;
const TLS_HANDSHAKE_MS = 5000;

interface ListenerOptions {
  readonly aedes: Aedes;
  readonly sink: BrokerSink;
  readonly admission: Admission;
  /** Whether the client has logged in as a device. */
  readonly isDevice: (client: Client) => boolean;
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
    server.on('tlsClientError', (error: Error) => {
      this.#options.sink.notice({
        level: 'info',
        event: 'mqtt_tls_refused',
        detail: `TLS handshake failed: ${error.message}`,
      });
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
    });
    this.#options.admission.arrive(socket);
  }

  #serve(stream: Socket): void {
    const { aedes, admission, isDevice } = this.#options;
    const socket = this.#sockets.get(endsOf(stream) ?? '');
    // It is closed already, or it had to make room.
    if (socket === undefined || socket.destroyed) {
      stream.destroy();
      return;
    }
    admission.secured(socket, stream);
    stream.setNoDelay(true);
    const client = aedes.handle(stream);
    // After `handle`: aedes reads on 'readable', and 'data' then only shows what aedes has read.
    const limit = new PacketLimit(PACKET_BYTES_MAX);
    stream.on('data', (chunk: Buffer) => {
      admission.heard(stream);
      const maxBytes = isDevice(client) ? DEVICE_PACKET_BYTES_MAX : PACKET_BYTES_MAX;
      limit.maxBytes = maxBytes;
      if (!limit.accepts(chunk)) stream.destroy(new Error(`packet longer than ${maxBytes} bytes`));
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
