import { SerialLine } from '../../serial/serial-line.ts';
import type { SerialTncSettings } from './settings.ts';
import { fullOf, MOST_WAITING_BYTES, type Tnc, type TncListener, type TncTrouble } from './tnc.ts';

const RETRY_MS = 5;

/** A TNC on a serial port. */
export class SerialTnc implements Tnc {
  readonly #port: string;
  readonly #line: SerialLine;
  readonly #listener: TncListener;
  #trouble: TncTrouble | undefined;
  /** What the port had no room for. A frame cut short would be sent on the air as it is: KISS has no check sequence. */
  #rest: Uint8Array = new Uint8Array();
  #timer: NodeJS.Timeout | undefined;

  constructor({ port, baudRate }: SerialTncSettings, listener: TncListener) {
    this.#port = port;
    this.#listener = listener;
    this.#trouble = { reason: 'unreachable', detail: `the TNC's port ${port} is not open yet` };
    this.#line = new SerialLine(
      port,
      { baudRate },
      {
        opened: () => this.#opened(),
        bytes: (chunk) => listener.bytes(chunk),
        down: ({ detail }) => this.#down(`TNC: ${detail}`),
      },
    );
  }

  get trouble(): TncTrouble | undefined {
    if (this.#trouble === undefined && this.#rest.length >= MOST_WAITING_BYTES) return fullOf(this.#port);
    return this.#trouble;
  }

  start(): void {
    this.#line.start();
  }

  stop(): Promise<void> {
    this.#forget();
    return this.#line.stop();
  }

  write(bytes: Uint8Array): boolean {
    if (this.trouble !== undefined) return false;
    this.#rest = Buffer.concat([this.#rest, bytes]);
    if (this.#timer === undefined) this.#flush();
    return this.#trouble === undefined;
  }

  #flush(): void {
    this.#timer = undefined;
    const taken = this.#line.write(this.#rest);
    // The write may have found the port lost, and what was left is forgotten.
    if (this.#trouble !== undefined) return;
    this.#rest = this.#rest.subarray(taken);
    if (this.#rest.length > 0) this.#timer = setTimeout(() => this.#flush(), RETRY_MS);
  }

  #opened(): void {
    this.#trouble = undefined;
    this.#listener.opened();
  }

  #down(detail: string): void {
    const wasOpen = this.#trouble === undefined;
    this.#trouble = { reason: 'unreachable', detail };
    this.#forget();
    if (wasOpen) this.#listener.lost(this.#trouble);
  }

  #forget(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#rest = new Uint8Array();
  }
}
