import { isDeepStrictEqual } from 'node:util';
import {
  type FrameFault,
  openFrame,
  type ParsedFrame,
  parseFrame,
  sealFrame,
} from '../../../protocol/button-bus/frame.ts';
import { FrameScanner } from '../../../protocol/button-bus/frame-scanner.ts';
import {
  ANY_NODE_EPOCH,
  type DownMessage,
  type Message,
  type UpMessage,
} from '../../../protocol/button-bus/message.ts';
import type { MonoMs } from '../../../protocol/clocks.ts';
import type { Identity, InputCounters, WallStatus } from '../../core/signal.ts';
import { SerialLine } from '../../serial/serial-line.ts';
import { monoMs } from '../../system/clock.ts';
import type { HeardStrangers, InputDriver, InputSink } from '../input-driver.ts';
import { AnswerOutbox } from './answer-outbox.ts';
import { BusStrangers } from './bus-strangers.ts';
import { type DownCounter, DownCounters } from './down-counters.ts';
import { KeptAesCcm } from './kept-aes-ccm.ts';
import { serialOf, upType } from './node-frame.ts';
import type { ButtonBusNode, ButtonBusSettings } from './settings.ts';

/** A poll and its answer, both of the largest size, pass in the time that many bits take. */
const POLL_BITS = 2 * 64 * 10;
const POLL_GAP_MS_MIN = 10;
const ADDRESSES = 256;

export interface ButtonBusCounters extends InputCounters {
  /** What was wrong with the rejected frames; together they are `framesRejected`. */
  readonly faults: Readonly<Record<FrameFault, number>>;
  /** Frames that only a gateway sends: our own, heard back on a two-wire line. */
  readonly downFramesHeard: number;
  /** Well-formed frames that proved nothing. */
  readonly framesUnknown: number;
  /** Answers never written: the port was away or took nothing. */
  readonly answersDropped: number;
}

export interface ButtonBusDriver extends InputDriver {
  counters(): ButtonBusCounters;
  answer(device: string, identity: Identity, status: WallStatus): void;
  silence(device: string, identity: Identity, silent: boolean): void;
  strangers(): HeardStrangers;
  takes(settings: ButtonBusSettings): boolean;
  update(settings: ButtonBusSettings): void;
}

/**
 * The input driver of one serial line of wall nodes.
 *
 * @param session the gateway's session number, 0…2^32−1
 * @param counters those of all drivers of the session: nodes obey only a higher (session, counter)
 *   than before
 */
export function createButtonBusDriver(
  settings: ButtonBusSettings,
  session: number,
  sink: InputSink,
  counters: DownCounters = new DownCounters(),
): ButtonBusDriver {
  return new LineDriver(settings, session, sink, counters);
}

interface Node extends ButtonBusNode {
  readonly downCounter: DownCounter;
}

interface Answer {
  readonly node: Node;
  readonly message: DownMessage;
}

class LineDriver implements ButtonBusDriver {
  readonly id: string;
  #settings: ButtonBusSettings;
  readonly #session: number;
  readonly #counters: DownCounters;
  readonly #sink: InputSink;
  readonly #byAddress = new Array<Node | undefined>(ADDRESSES).fill(undefined);
  readonly #byDevice = new Map<string, Node>();
  readonly #line: SerialLine;
  readonly #outbox: AnswerOutbox<Answer>;
  readonly #ccm = new KeptAesCcm();
  readonly #strangers: BusStrangers;
  #scanner = new FrameScanner();
  #pollTimer: NodeJS.Timeout | undefined;
  #upDetail = '';

  #capturedMs: MonoMs = monoMs();
  #bytesRead = 0;
  #framesHeard = 0;
  #framesRejected = 0;
  #framesUnknown = 0;
  #downFramesHeard = 0;
  #answersRefused = 0;
  readonly #faults: Record<FrameFault, number> = {
    cobs: 0,
    tooShort: 0,
    tooLong: 0,
    crc: 0,
    version: 0,
    type: 0,
    address: 0,
  };

  constructor(settings: ButtonBusSettings, session: number, sink: InputSink, counters: DownCounters) {
    this.id = settings.id;
    this.#settings = settings;
    this.#session = session;
    this.#sink = sink;
    this.#counters = counters;
    this.#strangers = new BusStrangers(settings.id, settings.nodes, this.#ccm);
    this.#setNodes(settings.nodes);
    this.#line = new SerialLine(
      settings.port,
      { baudRate: settings.baudRate, ...(settings.rs485 === undefined ? {} : { rs485: settings.rs485 }) },
      {
        opened: (device) => this.#opened(device),
        bytes: (chunk) => this.#bytes(chunk),
        down: (trouble) => this.#closed(trouble.detail),
        tap: sink.tap,
      },
    );
    this.#outbox = new AnswerOutbox(
      this.#line,
      (answer) => this.#seal(answer),
      (blocked) => this.#blocked(blocked),
    );
  }

  start(): void {
    this.#line.start();
  }

  takes({ nodes: _, ...line }: ButtonBusSettings): boolean {
    const { nodes: __, ...present } = this.#settings;
    return isDeepStrictEqual(line, present);
  }

  update(settings: ButtonBusSettings): void {
    const before = this.#settings.nodes.length;
    this.#settings = settings;
    this.#setNodes(settings.nodes);
    if (!this.#line.isOpen || settings.nodes.length <= before) return;
    clearTimeout(this.#pollTimer);
    this.#poll(0);
  }

  #setNodes(nodes: readonly ButtonBusNode[]): void {
    this.#strangers.knownNow(nodes);
    this.#byAddress.fill(undefined);
    this.#byDevice.clear();
    for (const configured of nodes) {
      const node = { ...configured, downCounter: this.#counters.of(configured.key) };
      this.#byAddress[node.address] = node;
      this.#byDevice.set(node.device, node);
    }
  }

  async stop(): Promise<void> {
    clearTimeout(this.#pollTimer);
    this.#outbox.clear();
    await this.#line.stop();
  }

  answer(device: string, identity: Identity, status: WallStatus): void {
    const node = this.#byDevice.get(device);
    if (node === undefined) return;
    this.#send(node, { type: 'ack', nodeEpoch: identity.epoch, counter: identity.counter, status });
  }

  silence(device: string, identity: Identity, silent: boolean): void {
    const node = this.#byDevice.get(device);
    if (node !== undefined) this.#send(node, { type: 'silent', nodeEpoch: identity.epoch, silent });
  }

  counters(): ButtonBusCounters {
    return {
      framesHeard: this.#framesHeard,
      framesRejected: this.#framesRejected,
      bytesRead: this.#bytesRead,
      faults: { ...this.#faults },
      downFramesHeard: this.#downFramesHeard,
      framesUnknown: this.#framesUnknown,
      answersDropped: this.#answersRefused + this.#outbox.dropped,
    };
  }

  strangers(): HeardStrangers {
    return this.#strangers.strangers();
  }

  #send(node: Node, message: DownMessage): void {
    if (!this.#line.isOpen) {
      this.#answersRefused += 1;
      return;
    }
    const about = message.type === 'ack' ? `${message.nodeEpoch}.${message.counter}` : message.type;
    // `heard` and `not confirmed` are two facts about one press; both must arrive.
    const doubt = message.type === 'ack' && message.status === 'notConfirmed' ? '?' : '';
    this.#outbox.send(`${node.address}.${about}${doubt}`, { node, message });
  }

  #seal({ node, message }: Answer): Uint8Array {
    node.downCounter.last += 1;
    const header = { address: node.address, epoch: this.#session, counter: node.downCounter.last };
    return sealFrame(this.#ccm, node.key, header, message);
  }

  #opened(device: string): void {
    const { port, baudRate } = this.#settings;
    this.#scanner = new FrameScanner();
    this.#upDetail = `${port === device ? port : `${port} (${device})`} is open at ${baudRate} Bd`;
    this.#sink.health({ input: this.id, state: 'up', detail: this.#upDetail });
    this.#poll(0);
  }

  #closed(detail: string): void {
    clearTimeout(this.#pollTimer);
    this.#outbox.clear();
    this.#sink.health({ input: this.id, state: 'down', detail });
  }

  #blocked(blocked: boolean): void {
    const detail = blocked ? `${this.#upDetail}, but takes no output: answers do not reach the wall` : this.#upDetail;
    this.#sink.health({ input: this.id, state: 'up', detail });
  }

  /**
   * Asks one node after the other who is there, spaced so that their answers find room on the line.
   */
  #poll(index: number): void {
    const node = this.#settings.nodes[index];
    const known = node === undefined ? undefined : this.#byDevice.get(node.device);
    if (known === undefined) return;
    this.#send(known, { type: 'poll', nodeEpoch: ANY_NODE_EPOCH });
    const gapMs = Math.max(POLL_GAP_MS_MIN, (POLL_BITS * 1000) / this.#settings.baudRate);
    this.#pollTimer = setTimeout(() => this.#poll(index + 1), gapMs);
  }

  #bytes(chunk: Uint8Array): void {
    this.#capturedMs = monoMs();
    this.#bytesRead += chunk.length;
    this.#scanner.push(chunk, this.#onBody, this.#onOverlong);
  }

  readonly #onBody = (body: Uint8Array): void => {
    const result = parseFrame(body);
    if (result.ok) this.#frame(result.frame, body);
    else this.#reject(result.fault);
  };

  readonly #onOverlong = (): void => this.#reject('tooLong');

  #reject(fault: FrameFault): void {
    this.#framesRejected += 1;
    this.#faults[fault] += 1;
  }

  #frame(frame: ParsedFrame, body: Uint8Array): void {
    const says = upType(frame.header.type);
    if (says === undefined) {
      this.#downFramesHeard += 1;
      return;
    }
    this.#framesHeard += 1;
    const node = this.#byAddress[frame.header.address];
    const message = node === undefined ? undefined : openFrame(this.#ccm, node.key, frame);
    if (node === undefined || message === undefined || !isUp(message)) {
      this.#unknown(frame, body, says, node?.device);
      return;
    }
    const { epoch, counter } = frame.header;
    this.#sink.signal({
      input: this.id,
      device: node.device,
      authenticated: true,
      capturedMs: this.#capturedMs,
      identity: { epoch, counter },
      body: message,
    });
  }

  /** @param device the one that has the frame's address */
  #unknown(frame: ParsedFrame, body: Uint8Array, says: UpMessage['type'], device: string | undefined): void {
    this.#framesUnknown += 1;
    const serial = says === 'hello' ? serialOf(frame) : undefined;
    this.#strangers.heard(frame, body, says, this.#capturedMs, serial);
    const { address, epoch, counter } = frame.header;
    this.#sink.unknownSignal({
      input: this.id,
      address: String(address),
      reason: device === undefined ? 'notEnrolled' : 'notAuthentic',
      ...(device === undefined ? {} : { device }),
      says,
      identity: { epoch, counter },
      capturedMs: this.#capturedMs,
      ...(serial === undefined ? {} : { serial }),
    });
  }
}

function isUp(message: Message): message is UpMessage {
  return message.type !== 'ack' && message.type !== 'poll' && message.type !== 'silent';
}
