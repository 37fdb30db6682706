/** How the log fares. `failed`: lines wait, and are lost once there is no more room for them. */
export interface LogHealth {
  readonly state: 'ok' | 'failed';
  /** Why it failed, for a person; empty if `ok`. */
  readonly detail: string;
  /** Lines lost since it was last `ok`: counted when it is `ok` again, and 0 until then. */
  readonly lost: number;
}

/** Writes some of the bytes in the background; `done` is called later. */
export type WriteSome = (
  bytes: Uint8Array,
  done: (error: NodeJS.ErrnoException | null, written: number) => void,
) => void;

/** A reader of our log that hangs must cost lines, never memory: about this many bytes wait. */
const MAX_WAITING = 4 * 1024 * 1024;
/** Lines are gathered for this long, so that a storm of alerts costs one write and not thousands. */
const GATHER_MS = 50;
/** After a write that failed, ms. */
const RETRY_MS = 1_000;
const CHUNK_BYTES = 64 * 1024;
/** Nothing has been taken for so many looks in a row: the reader hangs. Looks are counted, so that our own stall is not its fault. */
const LOOK_MS = 1_000;
const LOOKS = 3;
/** The reader or the system has no room at present. */
const FULL = ['EAGAIN', 'EBUSY', 'EINTR'];

/**
 * The far end of the log: takes lines at once, writes them in the background, one write at a time, and waits for nobody. What can't be
 * written waits in bounded memory; what finds no room there is counted, and a line in its place says so when the rest can be written.
 */
export class LogWriter {
  readonly #write: WriteSome;
  readonly #told: (health: LogHealth) => void;
  #waiting: string[] = [];
  #size = 0;
  /** Taken from what waits, not yet written. */
  #chunk: Uint8Array | undefined;
  #isWriting = false;
  #timer: NodeJS.Timeout | undefined;
  #look: NodeJS.Timeout | undefined;
  #looks = 0;
  #state: LogHealth['state'] | undefined;
  /** Lines without room: since the last line that says how many, and since the log failed. */
  #dropped = 0;
  #lost = 0;
  /** Who waits for all to be written, or for a write to fail. */
  #flushing: (() => void)[] = [];

  /** @param told of each change, from the event loop; never from within `write` */
  constructor(write: WriteSome, told: (health: LogHealth) => void) {
    this.#write = write;
    this.#told = told;
  }

  /** Never throws, never waits. */
  write(line: string): void {
    if (this.#dropped > 0 && this.#hasRoom(line)) this.#tellDropped();
    if (this.#hasRoom(line)) this.#keep(line);
    else {
      this.#dropped += 1;
      this.#lost += 1;
    }
    this.#timer ??= setTimeout(() => this.#next(), GATHER_MS);
  }

  /** Resolves when all is written, when it can't be, or after `limitMs`. */
  async flush(limitMs: number): Promise<void> {
    let limit: NodeJS.Timeout | undefined;
    const over = new Promise<void>((resolve) => {
      limit = setTimeout(resolve, limitMs);
      this.#flushing.push(resolve);
    });
    this.#next();
    await over;
    clearTimeout(limit);
  }

  #hasRoom(line: string): boolean {
    return this.#size + line.length <= MAX_WAITING;
  }

  #keep(line: string): void {
    this.#waiting.push(line);
    this.#size += line.length;
  }

  #tellDropped(): void {
    const line = { level: 40, time: new Date().toISOString(), lines: this.#dropped, event: 'log.linesLost' };
    this.#dropped = 0;
    this.#keep(`${JSON.stringify(line)}\n`);
  }

  #next(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#isWriting) return;
    this.#chunk ??= this.#takeChunk();
    if (this.#chunk === undefined) {
      this.#allWritten();
      return;
    }
    this.#isWriting = true;
    this.#look ??= setInterval(() => this.#lookAtReader(), LOOK_MS).unref();
    try {
      this.#write(this.#chunk, (error, written) => this.#wrote(error, written));
    } catch (error) {
      // A descriptor that is none.
      setImmediate(() => this.#wrote(error as NodeJS.ErrnoException, 0));
    }
  }

  #takeChunk(): Uint8Array | undefined {
    let end = 0;
    let length = 0;
    for (const line of this.#waiting) {
      end += 1;
      length += line.length;
      if (length >= CHUNK_BYTES) break;
    }
    if (end === 0) return undefined;
    this.#size -= length;
    return Buffer.from(this.#waiting.splice(0, end).join(''));
  }

  #wrote(error: NodeJS.ErrnoException | null, written: number): void {
    this.#isWriting = false;
    if (error === null && written > 0 && this.#chunk !== undefined) {
      this.#looks = 0;
      this.#chunk = written < this.#chunk.length ? this.#chunk.subarray(written) : undefined;
      this.#next();
      return;
    }
    const code = error === null ? 'EAGAIN' : (error.code ?? error.message);
    const isFull = FULL.includes(code);
    if (!isFull) {
      this.#fail(`a write fails with ${code}`);
      this.#flushed();
    }
    this.#timer ??= setTimeout(() => this.#next(), isFull ? GATHER_MS : RETRY_MS);
  }

  #lookAtReader(): void {
    this.#looks += 1;
    if (this.#looks >= LOOKS) this.#fail(`nothing has been taken for ${(LOOKS * LOOK_MS) / 1000} s`);
    else if (this.#dropped > 0) this.#fail('lines are taken more slowly than they come');
  }

  #fail(detail: string): void {
    if (this.#state === 'failed') return;
    this.#state = 'failed';
    this.#told({ state: 'failed', detail, lost: 0 });
  }

  #allWritten(): void {
    if (this.#dropped > 0) {
      this.#tellDropped();
      this.#next();
      return;
    }
    clearInterval(this.#look);
    this.#look = undefined;
    this.#looks = 0;
    const lost = this.#lost;
    this.#lost = 0;
    if (this.#state !== 'ok') {
      this.#state = 'ok';
      this.#told({ state: 'ok', detail: '', lost });
    }
    this.#flushed();
  }

  #flushed(): void {
    for (const resolve of this.#flushing.splice(0)) resolve();
  }
}
