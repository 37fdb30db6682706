import type { WireTap } from '../../recording/wire-tap.ts';
import { SerialLine } from '../../serial/serial-line.ts';
import type { Call, CallLine, CallListener } from '../call-line.ts';
import { portSettings } from './framing.ts';
import type { TapSerialLine } from './settings.ts';

/**
 * Calls over a serial port that stays open between them: there is nothing to dial, and the first CR
 * wakes the terminal.
 */
export class SerialCalls implements CallLine {
  readonly #port: string;
  readonly #line: SerialLine;
  #trouble: string;
  #listener: CallListener | undefined;

  /** @param link the port was opened, or lost */
  constructor(line: TapSerialLine, link: (up: boolean) => void, tap?: WireTap) {
    const { port } = line;
    this.#port = port;
    this.#trouble = `${port} is not open yet`;
    this.#line = new SerialLine(port, portSettings(line), {
      opened: () => link(true),
      bytes: (chunk) => this.#listener?.bytes(chunk),
      down: ({ detail }) => {
        this.#down(detail);
        link(false);
      },
      tap,
    });
  }

  start(): void {
    this.#line.start();
  }

  async stop(): Promise<void> {
    this.#listener = undefined;
    await this.#line.stop();
  }

  call(listener: CallListener): Call {
    this.#listener = listener;
    const telling = setImmediate(() => {
      if (this.#line.isOpen) listener.opened();
      else this.#lose('unreachable', this.#trouble);
    });
    return {
      write: (bytes) => this.#write(bytes),
      end: () => {
        clearImmediate(telling);
        if (this.#listener === listener) this.#listener = undefined;
      },
    };
  }

  #write(bytes: Uint8Array): void {
    // A block is far smaller than the system's buffer: if that is full, the other end reads
    // nothing.
    if (this.#line.write(bytes) === bytes.length) return;
    const listener = this.#listener;
    setImmediate(() => {
      if (this.#listener === listener) this.#lose('unreachable', `${this.#port} takes no more bytes`);
    });
  }

  #down(detail: string): void {
    this.#trouble = detail;
    this.#lose('unreachable', detail);
  }

  #lose(reason: 'unreachable', detail: string): void {
    const listener = this.#listener;
    this.#listener = undefined;
    listener?.lost(reason, detail);
  }
}
