import { connect, type Socket } from 'node:net';
import { LONG_AGO_MS } from '../../../protocol/clocks.ts';
import { Addresses } from '../../names/addresses.ts';
import type { Names } from '../../names/names.ts';
import type { WireTap } from '../../recording/wire-tap.ts';
import { monoMs } from '../../system/clock.ts';
import type { TcpTncSettings } from './settings.ts';
import { fullOf, type Tnc, type TncListener, type TncTrouble, WAITING_BYTES_MAX } from './tnc.ts';

const RETRY_MS_MIN = 250;
const RETRY_MS_MAX = 2_000;
/** A connection that lasted this long was good: after its end the first retry is quick again. */
const WELL_MS = 5_000;
const CONNECT_WITHIN_MS = 3_000;
/** Keep-alive probes of the operating system find a host that vanished while nothing is sent. */
const KEEPALIVE_MS = 10_000;

/** A TNC behind TCP, such as direwolf's KISS port. */
export class TcpTnc implements Tnc {
  readonly #where: string;
  readonly #settings: TcpTncSettings;
  readonly #listener: TncListener;
  readonly #addresses: Addresses;
  readonly #tap: WireTap | undefined;
  #socket: Socket | undefined;
  /** Of the socket's host. */
  #address = '';
  #timer: NodeJS.Timeout | undefined;
  #trouble: TncTrouble | undefined;
  #retryMs = RETRY_MS_MIN;
  #openedMs = LONG_AGO_MS;
  #stopped = false;

  constructor(settings: TcpTncSettings, listener: TncListener, names: Names, tap?: WireTap) {
    this.#tap = tap;
    this.#where = `${settings.host}:${settings.port}`;
    this.#settings = settings;
    this.#listener = listener;
    this.#addresses = new Addresses(settings, names, () => this.#connect());
    this.#trouble = { reason: 'unreachable', detail: `the connection to the TNC at ${this.#where} is not open yet` };
  }

  get trouble(): TncTrouble | undefined {
    if (this.#trouble === undefined && (this.#socket?.writableLength ?? 0) >= WAITING_BYTES_MAX) {
      return fullOf(this.#where);
    }
    return this.#trouble;
  }

  start(): void {
    this.#addresses.start();
    this.#connect();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#addresses.stop();
    clearTimeout(this.#timer);
    this.#socket?.destroy();
    // The socket's handle is closed in the event loop's next turn.
    await new Promise<void>((resolve) => setImmediate(resolve));
  }

  write(bytes: Uint8Array): boolean {
    if (this.trouble !== undefined || this.#socket === undefined) return false;
    this.#socket.write(bytes);
    this.#tap?.recorder?.bytes('out', bytes);
    return true;
  }

  #connect(): void {
    if (this.#stopped || this.#socket !== undefined) return;
    const address = this.#addresses.current;
    if (address === undefined) {
      const { host } = this.#settings;
      this.#trouble = { reason: 'noAddress', detail: `no address is known for the TNC's host ${host}` };
      return;
    }
    clearTimeout(this.#timer);
    this.#address = address;
    const { port } = this.#settings;
    const tcp = { host: address, port, noDelay: true, keepAlive: true, keepAliveInitialDelay: KEEPALIVE_MS };
    const socket = connect(tcp);
    this.#socket = socket;
    this.#timer = setTimeout(
      () => this.#ended(socket, `does not answer within ${CONNECT_WITHIN_MS / 1_000} s`),
      CONNECT_WITHIN_MS,
    );
    socket.on('connect', () => this.#opened(socket));
    socket.on('data', (bytes) => {
      if (socket !== this.#socket) return;
      this.#tap?.recorder?.bytes('in', bytes);
      this.#listener.bytes(bytes);
    });
    socket.on('end', () => this.#ended(socket, 'closed the connection'));
    socket.on('error', (error: NodeJS.ErrnoException) => this.#ended(socket, inWords(error)));
    socket.on('close', () => this.#ended(socket, 'closed the connection'));
  }

  #opened(socket: Socket): void {
    if (socket !== this.#socket) return;
    clearTimeout(this.#timer);
    this.#openedMs = monoMs();
    this.#trouble = undefined;
    this.#listener.opened();
  }

  #ended(socket: Socket, why: string): void {
    if (socket !== this.#socket || this.#stopped) return;
    const wasOpen = this.#trouble === undefined;
    this.#socket = undefined;
    socket.destroy();
    if (wasOpen && monoMs() - this.#openedMs >= WELL_MS) this.#retryMs = RETRY_MS_MIN;
    if (!wasOpen) this.#addresses.failed(this.#address);
    this.#trouble = { reason: 'unreachable', detail: `the TNC at ${this.#where} ${why}: is it running?` };
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#connect(), this.#retryMs);
    this.#retryMs = Math.min(RETRY_MS_MAX, 2 * this.#retryMs);
    if (wasOpen) this.#listener.lost(this.#trouble);
  }
}

function inWords({ code, message }: NodeJS.ErrnoException): string {
  if (code === 'ECONNREFUSED') return 'refuses the connection';
  if (code === 'ECONNRESET') return 'broke the connection';
  return `can't be reached (${code ?? message})`;
}
