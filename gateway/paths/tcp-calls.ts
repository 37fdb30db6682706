import type { Socket } from 'node:net';
import type { FailureReason } from '../core/report.ts';
import { Addresses } from '../names/addresses.ts';
import type { Names } from '../names/names.ts';
import { ConnectionTap } from '../recording/connection-tap.ts';
import type { WireTap } from '../recording/wire-tap.ts';
import type { Call, CallLine, CallListener } from './call-line.ts';
import { connectionFault } from './connection-fault.ts';
import { dial, openEvent } from './dial.ts';
import type { TlsSettings } from './tls-settings.ts';

interface TcpTarget {
  readonly host: string;
  readonly port: number;
  readonly connectTimeoutMs: number;
  readonly tls?: TlsSettings;
  readonly tap?: WireTap | undefined;
}

/** Written data has this long to leave. */
const LINGER_MS = 500;

/**
 * Each call has a TCP or TLS connection of its own. The host's addresses are looked up in the
 * background.
 */
export class TcpCalls implements CallLine {
  readonly #target: TcpTarget;
  readonly #addresses: Addresses;
  readonly #calls = new Set<TcpCall>();

  constructor(target: TcpTarget, names: Names) {
    this.#target = target;
    this.#addresses = new Addresses(target, names, () => undefined);
  }

  start(): void {
    this.#addresses.start();
  }

  async stop(): Promise<void> {
    this.#addresses.stop();
    for (const call of this.#calls) call.destroy();
    // The sockets' handles are closed in the event loop's next turn.
    await new Promise<void>((resolve) => setImmediate(resolve));
  }

  call(listener: CallListener): Call {
    const address = this.#addresses.current;
    if (address === undefined) return noAddress(this.#addresses.missing, listener);
    const call = new TcpCall(this.#target, address, listener, {
      unreachable: () => this.#addresses.failed(address),
      closed: () => this.#calls.delete(call),
    });
    this.#calls.add(call);
    return call;
  }
}

function noAddress(detail: string, listener: CallListener): Call {
  const telling = setImmediate(() => listener.lost('noAddress', detail));
  return { write: () => undefined, end: () => clearImmediate(telling) };
}

interface Ends {
  unreachable(): void;
  closed(): void;
}

class TcpCall implements Call {
  readonly #address: string;
  readonly #name: string;
  readonly #socket: Socket;
  readonly #ends: Ends;
  readonly #tap: ConnectionTap;
  #listener: CallListener | undefined;
  #open = false;
  #heard = false;
  #timer: NodeJS.Timeout;

  constructor(target: TcpTarget, address: string, listener: CallListener, ends: Ends) {
    const { port, connectTimeoutMs } = target;
    this.#address = address;
    this.#name = `${address}:${port}`;
    this.#listener = listener;
    this.#ends = ends;
    this.#tap = new ConnectionTap(target.tap);
    this.#socket = dial({ ...target, address });
    const silence = `no answer from ${this.#name} to the connection request in ${connectTimeoutMs} ms`;
    this.#timer = setTimeout(() => this.#lose('unreachable', silence), connectTimeoutMs);
    this.#socket.on(openEvent(target), () => this.#opened());
    this.#socket.on('data', (chunk: Buffer) => {
      this.#heard = true;
      this.#tap.bytes('in', chunk);
      this.#listener?.bytes(chunk);
    });
    this.#socket.on('end', () => this.#lose('closed', `${this.#name} closed the connection`));
    this.#socket.on('error', (error: NodeJS.ErrnoException) => this.#failed(error));
    this.#socket.on('close', () => this.#closed());
  }

  write(bytes: Uint8Array): void {
    this.#tap.bytes('out', bytes);
    this.#socket.write(bytes);
  }

  end(): void {
    // The call was accepted and never answered: another address of the host may be better.
    if (!this.#heard) this.#ends.unreachable();
    this.#listener = undefined;
    clearTimeout(this.#timer);
    if (this.#open) {
      this.#socket.end();
      this.#timer = setTimeout(() => this.#socket.destroy(), LINGER_MS);
    } else this.#socket.destroy();
  }

  destroy(): void {
    this.#listener = undefined;
    clearTimeout(this.#timer);
    this.#socket.destroy();
  }

  #opened(): void {
    // A far end may ask for another TLS handshake.
    if (this.#open) return;
    clearTimeout(this.#timer);
    this.#open = true;
    this.#tap.opened();
    this.#listener?.opened();
  }

  #failed(error: NodeJS.ErrnoException): void {
    const { reason, detail } = connectionFault(error, { address: this.#address, open: this.#open });
    this.#lose(reason, detail);
  }

  #closed(): void {
    this.#tap.closed();
    this.#ends.closed();
    this.#lose('closed', `the connection to ${this.#name} was closed`);
    clearTimeout(this.#timer);
  }

  #lose(reason: FailureReason, detail: string): void {
    const listener = this.#listener;
    if (listener === undefined) return;
    this.destroy();
    if (!this.#open) this.#ends.unreachable();
    listener.lost(reason, detail);
  }
}
