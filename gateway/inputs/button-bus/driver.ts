import { isDeepStrictEqual } from 'node:util';
import { type FrameFault, sealFrame } from '../../../protocol/button-bus/frame.ts';
import { ANY_NODE_EPOCH, type DownMessage } from '../../../protocol/button-bus/message.ts';
import type { Identity, InputCounters, WallStatus } from '../../core/signal.ts';
import { SerialLine } from '../../serial/serial-line.ts';
import { monoMs } from '../../system/clock.ts';
import type { HeardStrangers, InputDriver, InputSink } from '../input-driver.ts';
import { AnswerOutbox } from './answer-outbox.ts';
import { type DownCounter, DownCounters } from './down-counters.ts';
import { LineReader } from './line-reader.ts';
import type { ButtonBusNode, ButtonBusSettings } from './settings.ts';

/** A poll and its answer, both of the largest size, pass in the time that many bits take. */
const POLL_BITS = 2 * 64 * 10;
const POLL_GAP_MS_MIN = 10;

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
  counters: DownCounters = new DownCounters(() => true),
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
  readonly #byDevice = new Map<string, Node>();
  readonly #line: SerialLine;
  readonly #outbox: AnswerOutbox<Answer>;
  readonly #reader: LineReader;
  #pollTimer: NodeJS.Timeout | undefined;
  #upDetail = '';

  #answersRefused = 0;

  constructor(settings: ButtonBusSettings, session: number, sink: InputSink, counters: DownCounters) {
    this.id = settings.id;
    this.#settings = settings;
    this.#session = session;
    this.#sink = sink;
    this.#counters = counters;
    this.#reader = new LineReader(settings.id, sink, monoMs());
    this.#setNodes(settings.nodes);
    this.#line = new SerialLine(
      settings.port,
      { baudRate: settings.baudRate, ...(settings.rs485 === undefined ? {} : { rs485: settings.rs485 }) },
      {
        opened: (device) => this.#opened(device),
        bytes: (chunk) => this.#reader.bytes(chunk, monoMs()),
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
    this.#reader.setNodes(nodes);
    this.#byDevice.clear();
    for (const configured of nodes) {
      const node = { ...configured, downCounter: this.#counters.of(configured.key) };
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
    const { framesHeard, framesRejected, bytesRead, faults, downFramesHeard, framesUnknown } = this.#reader;
    return {
      framesHeard,
      framesRejected,
      bytesRead,
      faults: { ...faults },
      downFramesHeard,
      framesUnknown,
      answersDropped: this.#answersRefused + this.#outbox.dropped,
    };
  }

  strangers(): HeardStrangers {
    return this.#reader.strangers.strangers();
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
    return sealFrame(this.#reader.ccm, node.key, header, message);
  }

  #opened(device: string): void {
    const { port, baudRate } = this.#settings;
    this.#reader.restart();
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
   * Asks none before the session's number may be used.
   */
  #poll(index: number): void {
    const node = this.#settings.nodes[index];
    const known = node === undefined ? undefined : this.#byDevice.get(node.device);
    if (known === undefined) return;
    const { mayBeUsed } = this.#counters;
    if (mayBeUsed) this.#send(known, { type: 'poll', nodeEpoch: ANY_NODE_EPOCH });
    const gapMs = Math.max(POLL_GAP_MS_MIN, (POLL_BITS * 1000) / this.#settings.baudRate);
    this.#pollTimer = setTimeout(() => this.#poll(mayBeUsed ? index + 1 : index), gapMs);
  }
}
