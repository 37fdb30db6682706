import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { bytesToAscii } from '../../protocol/bytes.ts';
import { Waiting } from './support/waiting.ts';

interface Heard {
  readonly datagram: Uint8Array;
  readonly text: string;
  readonly address: string;
  readonly port: number;
}

/** A UDP port whose every datagram the test itself answers or ignores. */
export class UdpPeer {
  readonly heard: Heard[] = [];
  /** Sets the answer to each datagram from now on. */
  answer: Uint8Array | undefined;
  readonly #socket: Socket;
  readonly #waiting = new Waiting();

  constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('message', (datagram, { address, port }) => {
      this.heard.push({ datagram, text: bytesToAscii(datagram), address, port });
      if (this.answer !== undefined) socket.send(this.answer, port, address, () => undefined);
      this.#waiting.check();
    });
  }

  static async open(address = '127.0.0.1', port = 0): Promise<UdpPeer> {
    const socket = createSocket('udp4').bind(port, address);
    await once(socket, 'listening');
    return new UdpPeer(socket);
  }

  get port(): number {
    return this.#socket.address().port;
  }

  /** Resolves with the last datagram when there are this many. */
  count(count: number): Promise<Heard> {
    return this.until((each) => this.heard.indexOf(each) === count - 1);
  }

  /** Resolves with the first datagram that meets the condition. */
  async until(met: (heard: Heard) => boolean): Promise<Heard> {
    await this.#waiting.until(
      'a datagram',
      () => this.heard.some(met),
      () => this.heard.map((each) => each.text),
    );
    return this.heard.find(met) as Heard;
  }

  async send(datagram: Uint8Array, to: Pick<Heard, 'address' | 'port'>): Promise<void> {
    await new Promise((resolve) => this.#socket.send(datagram, to.port, to.address, resolve));
  }

  async close(): Promise<void> {
    await new Promise<void>((resolve) => this.#socket.close(resolve));
  }
}
