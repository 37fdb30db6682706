import { createSocket, type Socket } from 'node:dgram';
import { isIP } from 'node:net';
import type { FailureReason } from '../../core/report.ts';
import type { WireTap } from '../../recording/wire-tap.ts';
import { unreachableDetail } from '../local-address.ts';

export interface UdpSocketListener {
  /** It may be written to. */
  opened(socket: UdpSocket): void;
  datagram(socket: UdpSocket, datagram: Uint8Array): void;
  /** Once, unless `close` was called; the socket is dead when it arrives. */
  failed(socket: UdpSocket, reason: FailureReason, detail: string): void;
}

interface UdpEndpoint {
  /** Literal IPv4 or IPv6 address. */
  readonly address: string;
  readonly port: number;
  readonly localAddress?: string;
  readonly tap?: WireTap | undefined;
}

/**
 * A UDP socket with a port of its own, connected to one receiver. The kernel accepts nothing from
 * another address or port, and reports the receiver's ICMP refusals. Never throws, never emits an
 * unhandled error.
 */
export class UdpSocket {
  readonly address: string;
  readonly #endpoint: UdpEndpoint;
  readonly #listener: UdpSocketListener;
  readonly #socket: Socket;
  #state: 'opening' | 'open' | 'closed' = 'opening';

  constructor(endpoint: UdpEndpoint, listener: UdpSocketListener) {
    const { address, port, localAddress } = endpoint;
    this.address = address;
    this.#endpoint = endpoint;
    this.#listener = listener;
    this.#socket = createSocket(isIP(address) === 6 ? 'udp6' : 'udp4');
    this.#socket.on('connect', () => this.#opened());
    this.#socket.on('message', (datagram) => this.#received(datagram));
    this.#socket.on('error', (error: NodeJS.ErrnoException) => this.#failed(error));
    this.#socket.bind({ port: 0, ...(localAddress !== undefined && { address: localAddress }) });
    this.#socket.connect(port, address);
  }

  get open(): boolean {
    return this.#state === 'open';
  }

  /**
   * Hands a whole frame to the operating system before it returns: one frame, one datagram.
   * @param sent called in this turn of the event loop, if the operating system took it
   */
  write(frame: Uint8Array, sent?: () => void): void {
    this.#socket.send(frame, (error) => {
      if (error !== null) this.#failed(error);
      else if (this.#state === 'open') sent?.();
    });
    this.#endpoint.tap?.recorder?.message('out', frame);
  }

  /** Ends it at once. The listener gets no event. */
  close(): void {
    if (this.#state === 'closed') return;
    this.#state = 'closed';
    this.#socket.close();
  }

  #opened(): void {
    if (this.#state !== 'opening') return;
    this.#state = 'open';
    this.#listener.opened(this);
  }

  #received(datagram: Uint8Array): void {
    if (this.#state !== 'open') return;
    this.#endpoint.tap?.recorder?.message('in', datagram);
    this.#listener.datagram(this, datagram);
  }

  #failed(error: NodeJS.ErrnoException): void {
    if (this.#state === 'closed') return;
    this.close();
    const { address, port, localAddress } = this.#endpoint;
    const code = error.code ?? error.message;
    if (code === 'ECONNREFUSED') {
      this.#listener.failed(this, 'unreachable', `${address} refused: nothing listens on its UDP port ${port}`);
    } else this.#listener.failed(this, 'unreachable', unreachableDetail(address, localAddress, code));
  }
}
