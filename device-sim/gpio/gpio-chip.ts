import { constants } from 'node:os';
import {
  EVENT_BYTES,
  FLAG,
  has,
  IOCTL,
  type LineRequest,
  lineEvent,
  readLineInfoOffset,
  readLineRequest,
  readLineValues,
  writeChipInfo,
  writeLineBits,
  writeLineInfo,
  writeRequestFd,
} from './gpio-structs.ts';
import { headerOffset } from './pi-chips.ts';

const { EBUSY, EINVAL, ENODEV } = constants.errno;

export type Level = 0 | 1;
/** The level that the outside drives a line to, or nothing, which leaves the line to its bias. */
export type Drive = Level | 'open';

/** The descriptor of a line request as its holder sees it: a queue of events. */
export interface EventQueue {
  /** Descriptor that the holder reads. */
  readonly fd: number;
  /** Number of bytes that the holder has not read. */
  waiting(): number;
  push(event: Uint8Array): void;
  dropOldest(bytes: number): void;
  /** True if the holder has closed the descriptor. */
  isReleased(): boolean;
  /** Shows the holder the end of the queue. The queue is unusable after that. */
  hangUp(): void;
}

interface ChipFace {
  /** Name of the chip in the kernel, for example `gpiochip0`. */
  readonly name: string;
  /** Label of its driver, for example `pinctrl-rp1`. */
  readonly label: string;
  /** Line names, by offset. */
  readonly lines: readonly string[];
}

interface Request {
  readonly asked: LineRequest;
  readonly queue: EventQueue;
  seqno: number;
}

interface Line {
  readonly name: string;
  readonly offset: number;
  drive: Drive;
  /** The level that it drives as an output. */
  output: Level;
  lineSeqno: number;
  consumer: string | undefined;
  /** Errno that a request for it gets although nobody is shown to hold it. */
  refusal: number;
  request: Request | undefined;
}

/**
 * One GPIO chip as the kernel's character device presents it: the ioctls and events of uAPI v2,
 * byte by byte.
 */
export class GpioChip {
  readonly #face: ChipFace;
  readonly #openQueue: (answer: (request: number, argument: Uint8Array) => number) => EventQueue;
  readonly #nowNs: () => bigint;
  readonly #lines: readonly Line[];
  readonly #outputListeners = new Set<(line: string, level: Level) => void>();
  #present = true;

  /**
   * @param openQueue makes the descriptor of a line request; `answer` answers its ioctls with 0 or
   * an errno
   * @param nowNs CLOCK_MONOTONIC
   */
  constructor(
    face: ChipFace,
    openQueue: (answer: (request: number, argument: Uint8Array) => number) => EventQueue,
    nowNs: () => bigint,
  ) {
    this.#face = face;
    this.#openQueue = openQueue;
    this.#nowNs = nowNs;
    this.#lines = face.lines.map((name, offset) => ({
      name,
      offset,
      drive: 'open',
      output: 0,
      lineSeqno: 0,
      consumer: undefined,
      refusal: 0,
      request: undefined,
    }));
  }

  /** Answers ioctl(2) on the chip's device file with 0 or an errno. */
  ioctl(request: number, argument: Uint8Array): number {
    if (!this.#present) return ENODEV;
    this.#forgetReleased();
    switch (request) {
      case IOCTL.GET_CHIPINFO:
        writeChipInfo(argument, this.#face.name, this.#face.label, this.#lines.length);
        return 0;
      case IOCTL.V2_GET_LINEINFO:
        return this.#getLineInfo(argument);
      case IOCTL.V2_GET_LINE:
        return this.#getLine(argument);
      default:
        return EINVAL;
    }
  }

  /**
   * Changes what drives a line from outside. Each holder that asked for this edge gets an event.
   */
  drive(name: string, drive: Drive): void {
    const line = this.#line(name);
    const before = levelOf(line);
    line.drive = drive;
    const level = levelOf(line);
    if (level !== before) this.#edge(line, level);
  }

  /** Changes the line but loses the interrupt: there is no event and no gap in the numbers. */
  driveUnnoticed(name: string, drive: Drive): void {
    this.#line(name).drive = drive;
  }

  level(name: string): Level {
    this.#forgetReleased();
    return levelOf(this.#line(name));
  }

  /**
   * Returns the lines in use with the name of each consumer; a line without a name by its offset.
   */
  get held(): ReadonlyMap<string, string> {
    this.#forgetReleased();
    return new Map(
      this.#lines.flatMap(({ name, offset, consumer }) =>
        consumer === undefined ? [] : [[name === '' ? String(offset) : name, consumer]],
      ),
    );
  }

  /**
   * Calls back with each level that an output takes, including the first. Returns a function that
   * removes the listener.
   */
  onOutput(listener: (line: string, level: Level) => void): () => void {
    this.#outputListeners.add(listener);
    return () => this.#outputListeners.delete(listener);
  }

  /**
   * Lets the kernel or another program take a line: `spi0 CS0` with `dtparam=spi=on`, `onewire@4`
   * with `dtoverlay=w1-gpio`. (Pins of a UART or an I2C bus are not taken: a request for their
   * lines succeeds and ends the bus, since the pin controllers of the Pis are not strict.)
   */
  occupy(name: string, consumer: string): void {
    this.#forgetReleased();
    const line = this.#line(name);
    if (line.request !== undefined) throw new Error(`${name} is held by ${line.consumer}`);
    line.consumer = consumer;
  }

  /**
   * Lets the kernel refuse requests for a line that `gpioinfo` shows as unused: its driver knows no
   * interrupt for it, or another device holds its pin without a name.
   */
  refuse(name: string, errno: number): void {
    this.#line(name).refusal = errno;
  }

  free(name: string): void {
    const line = this.#line(name);
    line.refusal = 0;
    if (line.request === undefined) line.consumer = undefined;
  }

  /** Removes the chip: every descriptor of it hangs up. The levels from outside stay. */
  remove(): void {
    this.#present = false;
    for (const request of new Set(this.#lines.map((line) => line.request))) request?.queue.hangUp();
    for (const line of this.#lines) release(line);
  }

  restore(): void {
    this.#present = true;
  }

  #line(name: string): Line {
    // A wire ends at a pin of the header, whatever the kernel calls its line.
    const line = this.#lines.find((one) => one.name === name) ?? this.#lines[headerOffset(name) ?? -1];
    if (line === undefined) throw new Error(`the chip ${this.#face.label} has no line ${name}`);
    return line;
  }

  #getLineInfo(argument: Uint8Array): number {
    const line = this.#lines[readLineInfoOffset(argument)];
    if (line === undefined) return EINVAL;
    const used = line.consumer === undefined ? 0n : FLAG.USED;
    writeLineInfo(argument, line.name, line.consumer ?? '', used | (line.request?.asked.flags ?? FLAG.INPUT));
    return 0;
  }

  #getLine(argument: Uint8Array): number {
    const asked = readLineRequest(argument, this.#lines.length);
    if (asked === undefined) return EINVAL;
    const lines = asked.offsets.flatMap((offset) => this.#lines[offset] ?? []);
    // One line in use refuses the whole request, and so does a line that is asked for twice
    // (`linereq_create` requests one after the other).
    if (new Set(lines).size < lines.length || lines.some((line) => line.consumer !== undefined)) return EBUSY;
    const refusal = lines.find((line) => line.refusal !== 0)?.refusal;
    if (refusal !== undefined) return refusal;
    const queue = this.#openQueue((number, bytes) => this.#lineIoctl(lines, number, bytes));
    const request: Request = { asked, queue, seqno: 0 };
    for (const [index, line] of lines.entries()) {
      line.consumer = asked.consumer;
      line.request = request;
      line.lineSeqno = 0;
      if (has(asked.flags, FLAG.OUTPUT)) this.#setOutput(line, bit(asked.values, index));
    }
    writeRequestFd(argument, queue.fd);
    return 0;
  }

  #lineIoctl(lines: readonly Line[], request: number, argument: Uint8Array): number {
    if (!this.#present) return ENODEV;
    const { bits, mask } = readLineValues(argument);
    const chosen = [...lines.entries()].filter(([index]) => bit(mask, index) === 1);
    if (chosen.length === 0) return EINVAL;
    if (request === IOCTL.V2_LINE_GET_VALUES) {
      writeLineBits(
        argument,
        chosen.reduce((sum, [index, line]) => sum | (BigInt(levelOf(line)) << BigInt(index)), 0n),
      );
      return 0;
    }
    if (request !== IOCTL.V2_LINE_SET_VALUES || !has(lines[0]?.request?.asked.flags ?? 0n, FLAG.OUTPUT)) return EINVAL;
    for (const [index, line] of chosen) this.#setOutput(line, bit(bits, index));
    return 0;
  }

  #setOutput(line: Line, level: Level): void {
    line.output = level;
    for (const listener of this.#outputListeners) listener(line.name, level);
  }

  #edge(line: Line, level: Level): void {
    const { request } = line;
    if (request === undefined) return;
    const wanted = level === 1 ? FLAG.EDGE_RISING : FLAG.EDGE_FALLING;
    if (!has(request.asked.flags, wanted) || request.queue.isReleased()) return;
    line.lineSeqno += 1;
    request.seqno += 1;
    // As in `linereq_put_event`, a full buffer loses its oldest event, which leaves a gap in the
    // numbers.
    if (request.queue.waiting() >= request.asked.bufferSize * EVENT_BYTES) request.queue.dropOldest(EVENT_BYTES);
    const { seqno } = request;
    const { offset, lineSeqno } = line;
    request.queue.push(lineEvent({ timestampNs: this.#nowNs(), rising: level === 1, offset, seqno, lineSeqno }));
  }

  #forgetReleased(): void {
    for (const line of this.#lines) if (line.request?.queue.isReleased() === true) release(line);
  }
}

function release(line: Line): void {
  if (line.request === undefined) return;
  line.request = undefined;
  line.consumer = undefined;
}

function levelOf({ request, drive, output }: Line): Level {
  const flags = request?.asked.flags ?? 0n;
  if (has(flags, FLAG.OUTPUT)) return output;
  if (drive !== 'open') return drive;
  return has(flags, FLAG.BIAS_PULL_UP) ? 1 : 0;
}

function bit(bits: bigint, index: number): Level {
  return ((bits >> BigInt(index)) & 1n) === 1n ? 1 : 0;
}
