import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { isIP } from 'node:net';
import { framesOfDatagram } from '../../protocol/dc09/scanner.ts';
import type { SessionHost } from './session.ts';
import { spoil } from './spoiled-answer.ts';
import { encodeVerdict, type Verdict } from './verdict.ts';

/** Address and port that a datagram came from. */
interface Sender {
  readonly port: number;
  readonly address: string;
}

/**
 * The receiver's UDP port. A datagram holds one frame, and the answer goes to the port it came
 * from.
 */
export class Datagrams {
  readonly #socket: Socket;
  readonly #host: SessionHost;
  readonly #timers = new Set<NodeJS.Timeout>();

  constructor(socket: Socket, host: SessionHost) {
    this.#socket = socket;
    this.#host = host;
    socket.on('message', (datagram, sender) => this.#received(datagram, sender));
    socket.on('error', (error) => host.failed(error));
  }

  static async listen(port: number, address: string, host: SessionHost): Promise<Datagrams> {
    const socket = createSocket(isIP(address) === 6 ? 'udp6' : 'udp4');
    socket.bind(port, address);
    await once(socket, 'listening');
    return new Datagrams(socket, host);
  }

  async close(): Promise<void> {
    for (const timer of this.#timers) clearTimeout(timer);
    await new Promise<void>((resolve) => this.#socket.close(resolve));
  }

  #received(datagram: Uint8Array, sender: Sender): void {
    const nowMs = Number(process.hrtime.bigint()) / 1e6;
    this.#host.arrived();
    if (UNREAD.has(this.#host.behaviour().type)) return;
    for (const frame of framesOfDatagram(datagram)) this.#answer(this.#host.take(frame, nowMs), sender);
  }

  #answer(verdict: Verdict, sender: Sender): void {
    const nowWallMs = this.#host.nowWallMs();
    const behaviour = this.#host.behaviour();
    const proper = encodeVerdict(verdict, nowWallMs);
    if (proper === undefined || behaviour.type === 'closeBeforeAnswering') return;
    const bytes = spoil(behaviour, proper, verdict, nowWallMs);
    const send = () => this.#socket.send(bytes, sender.port, sender.address, () => undefined);
    if (behaviour.type === 'delay') this.#later(send, behaviour.ms);
    else send();
    if (behaviour.type === 'ackTwice') this.#later(send, 1);
  }

  #later(action: () => void, ms: number): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      action();
    }, ms);
    this.#timers.add(timer);
  }
}

/** Behaviours in which the receiver processes no datagram. */
const UNREAD: ReadonlySet<string> = new Set(['hang', 'vanish', 'closeMidFrame']);
