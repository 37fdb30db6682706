import type { WireTap } from '../../recording/wire-tap.ts';
import { SerialLine } from '../../serial/serial-line.ts';
import { LineWriter } from '../line-writer.ts';
import type { SerialTncSettings } from './settings.ts';
import { fullOf, type Tnc, type TncListener, type TncTrouble, WAITING_BYTES_MAX } from './tnc.ts';

/** A TNC on a serial port. */
export class SerialTnc implements Tnc {
  readonly #port: string;
  readonly #line: SerialLine;
  readonly #listener: TncListener;
  #trouble: TncTrouble | undefined;
  /**
   * Bytes that the port had no room for. A frame cut short would be transmitted as it is: KISS has
   * no check sequence.
   */
  readonly #writer: LineWriter;

  constructor({ port, baudRate }: SerialTncSettings, listener: TncListener, tap?: WireTap) {
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
        tap,
      },
    );
    this.#writer = new LineWriter((bytes) => this.#line.write(bytes), WAITING_BYTES_MAX);
  }

  get trouble(): TncTrouble | undefined {
    if (this.#trouble === undefined && this.#writer.isFull) return fullOf(this.#port);
    return this.#trouble;
  }

  start(): void {
    this.#line.start();
  }

  stop(): Promise<void> {
    this.#writer.clear();
    return this.#line.stop();
  }

  write(bytes: Uint8Array): boolean {
    if (this.trouble !== undefined) return false;
    this.#writer.write(bytes);
    return this.#trouble === undefined;
  }

  #opened(): void {
    this.#trouble = undefined;
    this.#listener.opened();
  }

  #down(detail: string): void {
    const wasOpen = this.#trouble === undefined;
    this.#trouble = { reason: 'unreachable', detail };
    this.#writer.clear();
    if (wasOpen) this.#listener.lost(this.#trouble);
  }
}
