import fs from 'node:fs';
import type { MonoMs } from '../../../protocol/clocks.ts';
import { messageOf } from '../../../protocol/errors.ts';
import { monoMs } from '../../system/clock.ts';
import { errorCode } from '../../system/error-code.ts';
import { EventReader, GPIO_V2_LINE_GET_VALUES_IOCTL, type Level, LINE_EVENT_BYTES, LineValues } from './linux-gpio.ts';
import type { DescriptorPoller, SystemCalls } from './system-calls.ts';

/** As many as the kernel hands over in one go without a look at the other descriptors. */
const EVENTS_A_READ = 16;
/**
 * Reads before a level is taken: a full kernel buffer. A line that chatters faster than it is read
 * must not hold the loop.
 */
const DRAIN_READS = 64;

export interface EdgeListener {
  /** `line`: index in the request; `atMs`: kernel time of the edge, monotonic. Must not throw. */
  edge(line: number, level: Level, atMs: MonoMs): void;
  /**
   * All levels were read anew at `atMs`. Edges reported before are earlier, edges reported from now
   * on are later. Must not throw.
   */
  levels(atMs: MonoMs, values: LineValues): void;
  /** The chip is gone. At most once; nothing comes after it. */
  lost(reason: string): void;
}

/**
 * Input lines of one request: their edges as the kernel recorded them, and their levels on demand.
 */
export class EdgeLines {
  readonly #calls: SystemCalls;
  readonly #fd: number;
  readonly #listener: EdgeListener;
  readonly #poller: DescriptorPoller;
  readonly #buffer = Buffer.alloc(EVENTS_A_READ * LINE_EVENT_BYTES);
  readonly #events = new EventReader(this.#buffer);
  readonly #values = new LineValues();
  /** Index in the request by offset on the chip. */
  readonly #indexOf = new Map<number, number>();
  readonly #onReadable = (error: Error | null): void => this.#readable(error);
  /** The kernel numbers from 1. */
  #nextSeqno = 1;
  #hasGap = false;
  #closed = false;

  /** Edges read, and edges the kernel had no room for. */
  heard = 0;
  lostEdges = 0;

  /**
   * @param fd of the line request, which is closed with this
   * @param offsets of the lines on the chip, in the order of the request
   */
  constructor(calls: SystemCalls, fd: number, offsets: readonly number[], listener: EdgeListener) {
    this.#calls = calls;
    this.#fd = fd;
    this.#listener = listener;
    for (const [index, offset] of offsets.entries()) this.#indexOf.set(offset, index);
    try {
      this.#poller = calls.poller(fd);
    } catch (error) {
      fs.closeSync(fd);
      throw error;
    }
  }

  /** Reads the levels, then reports every edge as it comes. */
  listen(): void {
    this.reread();
    this.#wait();
  }

  /** Tells the edges that wait, then the levels. */
  reread(): void {
    if (this.#closed) return;
    const atMs = this.#drain();
    if (this.#closed) return;
    this.#hasGap = false;
    this.#values.ask(this.#indexOf.size);
    try {
      this.#calls.ioctl(this.#fd, GPIO_V2_LINE_GET_VALUES_IOCTL, this.#values.bytes);
    } catch (error) {
      this.#lose(messageOf(error));
      return;
    }
    this.#listener.levels(atMs, this.#values);
  }

  /** The lines are free for others when this returns. May be called twice. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#poller.stop();
    this.#poller.destroy();
    fs.closeSync(this.#fd);
  }

  #wait(): void {
    if (!this.#closed) this.#poller.once('readable', this.#onReadable);
  }

  #readable(error: Error | null): void {
    if (this.#closed) return;
    // libuv says "bad file descriptor" of a descriptor in error, which a request is once its chip
    // is gone.
    if (error !== null) this.#lose('hung up');
    else {
      try {
        this.#read();
        if (this.#hasGap) this.reread();
      } catch (thrown) {
        // An exception must not unwind into the poller's native frame, which ends the process
        // without a word.
        setImmediate(() => {
          throw thrown;
        });
      }
    }
    this.#wait();
  }

  /** Reports the edges that wait. Returns a time before which no edge is left. */
  #drain(): MonoMs {
    let beforeMs = monoMs();
    for (let reads = 0; reads < DRAIN_READS && this.#read(); reads++) beforeMs = monoMs();
    return beforeMs;
  }

  /** False if nothing waited. */
  #read(): boolean {
    let count: number;
    try {
      count = fs.readSync(this.#fd, this.#buffer, 0, this.#buffer.length, null);
    } catch (error) {
      const code = errorCode(error);
      if (code !== 'EAGAIN' && code !== 'EINTR') this.#lose(messageOf(error));
      return false;
    }
    if (count < LINE_EVENT_BYTES) {
      this.#lose('hung up');
      return false;
    }
    for (let index = 0; (index + 1) * LINE_EVENT_BYTES <= count; index++) this.#tell(index);
    return true;
  }

  #tell(index: number): void {
    const events = this.#events;
    events.select(index);
    this.heard += 1;
    this.#count(events.seqno);
    const line = this.#indexOf.get(events.offset);
    if (line !== undefined) this.#listener.edge(line, events.level, events.timestampMs);
  }

  /**
   * Each line has an interrupt thread of its own, so that an event may overtake one of another line
   * and fill a gap later.
   */
  #count(seqno: number): void {
    const ahead = (seqno - this.#nextSeqno) | 0;
    if (ahead < 0) {
      this.lostEdges -= 1;
      return;
    }
    this.#nextSeqno = (seqno + 1) >>> 0;
    if (ahead === 0) return;
    this.lostEdges += ahead;
    this.#hasGap = true;
  }

  #lose(reason: string): void {
    this.close();
    this.#listener.lost(reason);
  }
}
