import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { DigestGate, type DigestGateOptions } from './digest-gate.ts';

export interface ProxyOptions {
  /** Port number; 0 for any free port. */
  readonly port: number;
  readonly host?: string;
  /** Credentials that clients must show. */
  readonly account?: { readonly digest: DigestGateOptions } | { readonly basic: { user: string; password: string } };
}

export type ProxyBehaviour =
  | { readonly type: 'normal' }
  /** The proxy connects nothing and answers with this status. */
  | { readonly type: 'status'; readonly status: number }
  /** The proxy reads the request and does not answer. */
  | { readonly type: 'hang' }
  | { readonly type: 'garbage' };

/**
 * A proxy of the kind that schools have. It connects to any port of this machine and sees only the
 * bytes that pass.
 */
export class SimulatedProxy {
  /** `host:port` of each connection that it allowed. */
  readonly connected: string[] = [];
  /** All bytes that passed, from both sides. */
  passed = '';
  readonly gate: DigestGate | undefined;
  readonly #options: ProxyOptions;
  readonly #server: Server;
  readonly #sockets = new Set<Duplex>();
  #behaviour: ProxyBehaviour = { type: 'normal' };

  constructor(options: ProxyOptions) {
    const { account } = options;
    this.#options = options;
    this.gate = account !== undefined && 'digest' in account ? new DigestGate(account.digest) : undefined;
    this.#server = createServer((_request, response) => void response.writeHead(405).end());
    this.#server.on('connect', (request, socket) => this.#asked(request, socket));
    this.#server.on('connection', (socket: Socket) => this.#keep(socket));
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  async listen(): Promise<void> {
    this.#server.listen(this.#options.port, this.#options.host ?? '127.0.0.1');
    await once(this.#server, 'listening');
  }

  behave(behaviour: ProxyBehaviour): void {
    this.#behaviour = behaviour;
    // Existing connections end, so that the next one meets the new behaviour.
    for (const socket of this.#sockets) socket.destroy();
  }

  async close(): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }

  #asked(request: IncomingMessage, socket: Duplex): void {
    const behaviour = this.#behaviour;
    if (behaviour.type === 'hang') return;
    if (behaviour.type === 'garbage') return void socket.end('220 proxy of another kind\r\n');
    if (behaviour.type === 'status') return void socket.end(head(behaviour.status));
    const refusal = this.#refusal(request);
    if (refusal !== undefined) return void socket.end(refusal);
    const target = request.url ?? '';
    const [, host = '', port = ''] = /^\[?([^\]]*)\]?:(\d+)$/.exec(target) ?? [];
    this.connected.push(target);
    const upstream = connect(Number(port), host === 'localhost' ? '127.0.0.1' : host);
    this.#keep(upstream);
    upstream.once('connect', () => {
      socket.write(head(200));
      for (const [from, to] of [
        [socket, upstream],
        [upstream, socket],
      ] as const) {
        from.on('data', (bytes: Uint8Array) => {
          this.passed += Buffer.from(bytes).toString('latin1');
          to.write(bytes);
        });
        from.on('close', () => to.destroy());
      }
    });
    upstream.once('error', () => void socket.end(head(502)));
  }

  #refusal(request: IncomingMessage): string | undefined {
    const { account } = this.#options;
    const given = request.headers['proxy-authorization'];
    if (account === undefined) return undefined;
    if ('basic' in account) {
      const { user, password } = account.basic;
      const wanted = `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
      return given === wanted ? undefined : head(407, 'Proxy-Authenticate: Basic realm="school"\r\n');
    }
    const answer = this.gate?.check('CONNECT', request.url ?? '', given);
    if (answer?.type !== 'challenge') return undefined;
    return head(407, answer.values.map((value) => `Proxy-Authenticate: ${value}\r\n`).join(''));
  }

  #keep(socket: Duplex): void {
    this.#sockets.add(socket);
    socket.on('error', () => socket.destroy());
    socket.on('close', () => this.#sockets.delete(socket));
  }
}

function head(status: number, headers = ''): string {
  const length = status === 200 ? '' : 'Connection: close\r\nContent-Length: 0\r\n';
  return `HTTP/1.1 ${status} of a proxy\r\n${headers}${length}\r\n`;
}
