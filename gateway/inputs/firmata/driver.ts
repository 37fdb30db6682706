import type { MonoMs } from '../../../protocol/clocks.ts';
import { messageOf } from '../../../protocol/errors.ts';
import type { ContactState, InputCounters, SignalBody } from '../../core/signal.ts';
import { SerialLine } from '../../serial/serial-line.ts';
import { monoMs } from '../../system/clock.ts';
import type { InputDriver, InputSink } from '../input-driver.ts';
import type { WiredContact } from '../wired-contact.ts';
import { BoardSession } from './board-session.ts';
import { BoardSwitches } from './board-switches.ts';
import { type Libraries, loadLibraries } from './libraries.ts';
import { MessageScanner } from './message-scanner.ts';
import type { FirmataSettings } from './settings.ts';

/** A change of kind is reported; a new text for the same kind is not. */
type Trouble = 'libraries' | 'port' | 'noAnswer' | 'restarted';

export interface FirmataCounters extends InputCounters {
  /** Bytes that were part of no message; `framesRejected` counts runs of them. */
  readonly bytesRejected: number;
}

export interface FirmataDriver extends InputDriver {
  counters(): FirmataCounters;
  output(output: string, on: boolean): void;
}

/** The input driver of one board with Firmata firmware. */
export function createFirmataDriver(settings: FirmataSettings, sink: InputSink): FirmataDriver {
  return new BoardDriver(settings, sink);
}

class BoardDriver implements FirmataDriver {
  readonly id: string;
  readonly #settings: FirmataSettings;
  readonly #sink: InputSink;
  readonly #scanner = new MessageScanner();
  #libraries: Libraries | undefined;
  #switches: BoardSwitches | undefined;
  #line: SerialLine;
  #session: BoardSession | undefined;
  #device = '';
  #trouble: Trouble | undefined;
  /** The fault last reported of each device; '': none. */
  readonly #faults = new Map<string, string>();
  #stopped = false;

  #capturedMs: MonoMs = monoMs();
  #bytesRead = 0;
  #messages = 0;
  /** Bytes rejected before the last message. */
  #rejectedBefore = 0;

  constructor(settings: FirmataSettings, sink: InputSink) {
    this.id = settings.id;
    this.#settings = settings;
    this.#sink = sink;
    this.#line = this.#makeLine();
  }

  start(): void {
    void this.#load();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#switches?.allOff();
    this.#endSession();
    this.#switches?.release();
    await this.#line.stop();
  }

  counters(): FirmataCounters {
    return {
      framesHeard: this.#messages,
      framesRejected: this.#scanner.rejectedRuns,
      bytesRead: this.#bytesRead,
      bytesRejected: this.#scanner.rejectedBytes,
    };
  }

  output(output: string, on: boolean): void {
    this.#session?.output(output, on);
  }

  async #load(): Promise<void> {
    try {
      this.#libraries = await loadLibraries();
      this.#switches = new BoardSwitches(this.#libraries, this.#settings.outputs);
    } catch (error) {
      const reason = messageOf(error);
      this.#down('libraries', `johnny-five and firmata-io can't be loaded, install the gateway anew: ${reason}`);
      return;
    }
    if (!this.#stopped) this.#line.start();
  }

  #makeLine(): SerialLine {
    const { port, baudRate } = this.#settings;
    return new SerialLine(
      port,
      { baudRate },
      {
        opened: (device) => this.#opened(device),
        bytes: (chunk) => this.#bytes(chunk),
        tap: this.#sink.tap,
        down: ({ detail }) => {
          this.#endSession();
          // The line reports each kind of trouble once.
          this.#trouble = undefined;
          this.#down('port', detail);
        },
      },
    );
  }

  #opened(device: string): void {
    this.#device = device;
    this.#rejectedBefore = this.#scanner.rejectedBytes;
    this.#beginSession(false);
  }

  #beginSession(justStarted: boolean): void {
    this.#endSession();
    if (this.#libraries === undefined || this.#switches === undefined) return;
    const line = this.#line;
    const session = new BoardSession(this.#libraries, this.#settings, this.#switches, line, justStarted, {
      ready: () => this.#ready(),
      contact: (contact, state, capturedMs) => this.#contact(contact, state, capturedMs),
      faultsChanged: () => this.#tellUp(),
      restarted: () => {
        this.#down('restarted', `${this.#settings.port}: the board restarted: is its supply steady?`);
        this.#beginSession(true);
      },
      silent: () => this.#down('noAnswer', this.#noAnswerDetail()),
      lost: () => this.#reopen(line),
    });
    this.#session = session;
  }

  #endSession(): void {
    this.#session?.close();
    this.#session = undefined;
    this.#scanner.reset();
  }

  /** Opening the port anew restarts most boards. */
  #reopen(line: SerialLine): void {
    this.#down('noAnswer', this.#noAnswerDetail());
    this.#endSession();
    const next = this.#makeLine();
    this.#line = next;
    void line.stop().then(() => {
      if (!this.#stopped) next.start();
    });
  }

  #noAnswerDetail(): string {
    const { port, baudRate } = this.#settings;
    const noise = this.#scanner.rejectedBytes > this.#rejectedBefore;
    const advice = noise
      ? `what comes is no Firmata: are ${baudRate} Bd right?`
      : `is Firmata firmware on it, and are ${baudRate} Bd right?`;
    return `board does not answer: ${port} is open, ${advice}`;
  }

  #bytes(chunk: Uint8Array): void {
    this.#capturedMs = monoMs();
    this.#bytesRead += chunk.length;
    const rejected = this.#scanner.rejectedBytes;
    this.#scanner.push(chunk, this.#onMessage);
    if (this.#scanner.rejectedBytes > rejected) this.#session?.garbled();
  }

  readonly #onMessage = (message: Uint8Array): void => {
    this.#messages += 1;
    this.#rejectedBefore = this.#scanner.rejectedBytes;
    this.#session?.message(message, this.#capturedMs);
  };

  #ready(): void {
    this.#trouble = undefined;
    this.#tellUp();
  }

  #tellUp(): void {
    const { port } = this.#settings;
    const faults = this.#session?.faults ?? [];
    const name = port === this.#device ? port : `${port} (${this.#device})`;
    const outputFaults = [...(this.#session?.outputFaults ?? [])].map(([output, detail]) => ({ output, detail }));
    const all = [...faults, ...outputFaults].map(({ detail }) => detail);
    const but = all.length === 0 ? '' : `, but ${all.join('; ')}`;
    const detail = `${name}: ${this.#session?.firmware ?? ''} answers${but}`;
    const faulty = outputFaults.length === 0 ? {} : { outputFaults };
    this.#sink.health({ input: this.id, state: 'up', detail, ...faulty });
    for (const { device } of this.#settings.contacts) {
      const own = faults.filter((fault) => fault.device === device).map((fault) => fault.detail);
      this.#fault(device, own.join('; '));
    }
  }

  #fault(device: string, detail: string): void {
    if (this.#faults.get(device) === detail) return;
    this.#faults.set(device, detail);
    this.#signal(device, detail === '' ? { type: 'fault' } : { type: 'fault', detail }, monoMs());
  }

  #contact(contact: WiredContact, state: ContactState, capturedMs: MonoMs): void {
    const { of, number } = contact;
    this.#signal(contact.device, { type: 'contact', of, number, state }, capturedMs);
  }

  #signal(device: string, body: SignalBody, capturedMs: MonoMs): void {
    this.#sink.signal({ input: this.id, device, authenticated: false, capturedMs, body });
  }

  #down(trouble: Trouble, detail: string): void {
    if (this.#trouble === trouble || this.#stopped) return;
    this.#trouble = trouble;
    this.#sink.health({ input: this.id, state: 'down', detail });
  }
}
