import { after, earlier, LONG_AGO_MS, type MonoMs } from '../../../protocol/clocks.ts';
import { messageOf } from '../../../protocol/errors.ts';
import type { InputCounters, SignalBody } from '../../core/signal.ts';
import { SerialLine } from '../../serial/serial-line.ts';
import { monoMs } from '../../system/clock.ts';
import type { InputDriver, InputSink } from '../input-driver.ts';
import { ANSWER_OVERHEAD, answerDataBytes, REQUEST_BYTES } from '../modbus-input-map.ts';
import { PolledModule } from './polled-module.ts';
import { PollingOrder } from './polling-order.ts';
import { type Answer, loadModbusSerial, RtuClient } from './rtu-client.ts';
import type { ModbusSettings } from './settings.ts';
import { settlePoll } from './settle-poll.ts';

/**
 * Silence that ends a frame: 3.5 characters, and 1.75 ms above 19 200 Bd (MODBUS over Serial Line
 * V1.02, §2.5.1.1).
 */
const SILENCE_CHARACTERS = 3.5;
const FAST_BAUD = 19_200;
const FAST_SILENCE_MS = 1.75;
const IDLE_MS_MAX = 1_000;
/** A line that is never silent is asked all the same. */
const SILENCE_WAIT_MS_MAX = 100;

interface ModbusCounters extends InputCounters {
  /** Requests written. */
  readonly polls: number;
  /** Requests without a good answer. */
  readonly pollsMissed: number;
}

export interface ModbusDriver extends InputDriver {
  counters(): ModbusCounters;
}

/**
 * The input driver of one RS-485 line of Modbus RTU modules. `load`: how modbus-serial is loaded,
 * at `start`.
 */
export function createModbusDriver(settings: ModbusSettings, sink: InputSink, load = loadModbusSerial): ModbusDriver {
  return new LinePoller(settings, sink, load);
}

class LinePoller implements ModbusDriver {
  readonly id: string;
  readonly #settings: ModbusSettings;
  readonly #sink: InputSink;
  readonly #load: typeof loadModbusSerial;
  readonly #line: SerialLine;
  readonly #modules: readonly PolledModule[];
  readonly #order: PollingOrder<PolledModule>;
  readonly #silenceMs: number;
  readonly #msPerByte: number;
  #client: RtuClient | undefined;
  #timer: NodeJS.Timeout | undefined;
  #stopped = false;

  /** The module whose answer is waited for. */
  #waiting: PolledModule | undefined;
  /** The module asked last, until the line is silent after it. */
  #asked: PolledModule | undefined;
  #askedMs = LONG_AGO_MS;
  #overMs = LONG_AGO_MS;
  #prolonged = false;
  #lastByteMs: MonoMs = monoMs();
  #upDetail = '';
  #blocked = false;

  #bytesRead = 0;
  #framesHeard = 0;
  #framesRejected = 0;
  #polls = 0;
  #pollsMissed = 0;

  constructor(settings: ModbusSettings, sink: InputSink, load: typeof loadModbusSerial) {
    const { id, baudRate, parity, stopBits, rs485 } = settings;
    this.id = id;
    this.#settings = settings;
    this.#sink = sink;
    this.#load = load;
    this.#msPerByte = ((9 + (parity === 'none' ? 0 : 1) + stopBits) * 1000) / baudRate;
    this.#silenceMs = baudRate > FAST_BAUD ? FAST_SILENCE_MS : SILENCE_CHARACTERS * this.#msPerByte;
    this.#modules = settings.modules.map((module) => {
      const tell = (body: SignalBody, capturedMs: MonoMs): void =>
        this.#sink.signal({ input: id, device: module.device, authenticated: false, capturedMs, body });
      return new PolledModule(module, settings.answerMs, tell);
    });
    this.#order = new PollingOrder(this.#modules);
    this.#line = new SerialLine(
      settings.port,
      { baudRate, parity, stopBits, ...(rs485 === undefined ? {} : { rs485 }) },
      {
        opened: (device) => this.#opened(device),
        bytes: (chunk) => this.#bytes(chunk),
        down: (trouble) => this.#closed(trouble.detail),
        tap: sink.tap,
      },
    );
  }

  start(): void {
    void this.#loadAndOpen();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#rest();
    await this.#line.stop();
  }

  counters(): ModbusCounters {
    return {
      framesHeard: this.#framesHeard,
      framesRejected: this.#framesRejected,
      bytesRead: this.#bytesRead,
      polls: this.#polls,
      pollsMissed: this.#pollsMissed,
    };
  }

  async #loadAndOpen(): Promise<void> {
    try {
      const library = await this.#load();
      this.#client = new RtuClient(library, this.#line, (answer) => this.#answered(answer));
    } catch (error) {
      const reason = messageOf(error);
      const detail = `modbus-serial can't be loaded, install the gateway anew: ${reason}`;
      if (!this.#stopped) this.#sink.health({ input: this.id, state: 'down', detail });
      return;
    }
    if (!this.#stopped) this.#line.start();
  }

  #opened(device: string): void {
    const { port, baudRate, parity, stopBits } = this.#settings;
    const format = `8${parity.charAt(0).toUpperCase()}${stopBits}`;
    this.#upDetail = `${port === device ? port : `${port} (${device})`} is open at ${baudRate} Bd ${format}`;
    this.#blocked = false;
    this.#sink.health({ input: this.id, state: 'up', detail: this.#upDetail });
    for (const module of this.#modules) module.lineOpened();
    this.#client?.port.forget();
    this.#pollOn();
  }

  #closed(detail: string): void {
    this.#rest();
    this.#sink.health({ input: this.id, state: 'down', detail });
  }

  #rest(): void {
    clearTimeout(this.#timer);
    this.#waiting = undefined;
    this.#asked = undefined;
  }

  #bytes(chunk: Uint8Array): void {
    this.#lastByteMs = monoMs();
    this.#bytesRead += chunk.length;
    const early = this.#lastByteMs - this.#askedMs < REQUEST_BYTES * this.#msPerByte;
    this.#client?.port.receive(chunk, early);
  }

  /** A poll is over: the next as soon as the line has been silent. */
  #pollOn(): void {
    this.#waiting = undefined;
    this.#overMs = monoMs();
    this.#later(this.#silenceMs);
  }

  #later(delayMs: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#pollNext(), Math.ceil(delayMs));
  }

  #pollNext(): void {
    const client = this.#client;
    if (client === undefined) return;
    const nowMs = monoMs();
    const restMs = Math.max(this.#overMs, this.#lastByteMs) + this.#silenceMs - nowMs;
    if (restMs > 0 && nowMs - this.#overMs < SILENCE_WAIT_MS_MAX) {
      this.#later(restMs);
      return;
    }
    const module = this.#order.next(nowMs);
    if (module === undefined) {
      const wakeMs = earlier(this.#order.wakeMs, after(nowMs, IDLE_MS_MAX));
      this.#overMs = after(wakeMs, -this.#silenceMs);
      this.#later(wakeMs - nowMs);
      return;
    }
    if (this.#asked !== undefined) {
      this.#framesRejected += settlePoll(client.port, this.#asked, this.#modules, nowMs);
      this.#asked = undefined;
    }
    this.#ask(client, module);
  }

  #ask(client: RtuClient, module: PolledModule): void {
    this.#asked = module;
    this.#waiting = module;
    this.#prolonged = false;
    this.#polls += 1;
    this.#askedMs = monoMs();
    client.ask(module.address, module.span);
    this.#tellBlocked(!client.port.wasTaken);
    // A write that failed has closed the line.
    if (this.#waiting !== undefined) this.#waitFor(REQUEST_BYTES * this.#msPerByte + this.#settings.answerMs);
  }

  #waitFor(ms: number): void {
    clearTimeout(this.#timer);
    const poll = this.#polls;
    this.#timer = setTimeout(() => {
      // Bytes that came while this process was held up are read first.
      setImmediate(() => {
        if (this.#waiting !== undefined && this.#polls === poll) this.#unanswered(this.#waiting);
      });
    }, Math.ceil(ms));
  }

  #answered(answer: Answer): void {
    const module = this.#waiting;
    if (module === undefined) return;
    this.#framesHeard += 1;
    if ('values' in answer) module.read(answer.values, this.#lastByteMs);
    else module.readException(answer.exception, this.#lastByteMs);
    this.#pollOn();
  }

  #unanswered(module: PolledModule): void {
    const nowMs = monoMs();
    const answerMs = (ANSWER_OVERHEAD + answerDataBytes(module.span)) * this.#msPerByte + this.#silenceMs;
    const heard = this.#client?.port.hasHeard === true;
    if (heard && !this.#prolonged && nowMs - this.#lastByteMs < answerMs) {
      // The rest is on its way.
      this.#prolonged = true;
      this.#waitFor(answerMs);
      return;
    }
    this.#pollsMissed += 1;
    this.#client?.port.giveUp();
    module.notAnswered(heard, nowMs);
    this.#pollOn();
  }

  #tellBlocked(blocked: boolean): void {
    if (this.#blocked === blocked || this.#waiting === undefined) return;
    this.#blocked = blocked;
    const detail = blocked ? `${this.#upDetail}, but takes no output: no module can be asked` : this.#upDetail;
    this.#sink.health({ input: this.id, state: 'up', detail });
  }
}
