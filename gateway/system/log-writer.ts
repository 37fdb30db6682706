/**
 * Reports the state of the log. `failed`: lines wait, and they are lost when there is no more room
 * for them.
 */
export interface LogHealth {
  readonly state: 'ok' | 'failed';
  /** Why it failed, for a person; empty if `ok`. */
  readonly detail: string;
  /** Lines lost since it was last `ok`. Counted when it is `ok` again, and 0 until then. */
  readonly lost: number;
}

/** Writes some of the bytes in the background; `done` is called later. */
export type WriteSome = (
  bytes: Uint8Array,
  done: (error: NodeJS.ErrnoException | null, written: number) => void,
) => void;

/** About this many bytes may wait. A reader of the log that hangs must cost lines, never memory. */
const WAITING_MAX = 4 * 1024 * 1024;
/**
 * The writer gathers lines for this long, so that a storm of alerts costs one write and not
 * thousands. Milliseconds.
 */
const GATHER_MS = 50;
/** The writer tries again this long after a write that failed, ms. */
const RETRY_MS = 1_000;
const CHUNK_BYTES = 64 * 1024;
/**
 * The reader hangs if it has taken nothing for this many looks in a row. The writer counts looks
 * and not time, so that a stall of our own is not blamed on the reader.
 */
const LOOK_MS = 1_000;
const LOOKS = 3;
/** The reader or the system has no room at present. */
const FULL = ['EAGAIN', 'EBUSY', 'EINTR'];

/**
 * The far end of the log. It takes lines at once and writes them in the background, one write at a
 * time. It waits for nobody. Lines that can't be written wait in bounded memory. Lines that find no
 * room there are counted, and a line in their place says how many when the rest can be written.
 */
export class LogWriter {
  readonly #write: WriteSome;
  readonly #onHealth: (health: LogHealth) => void;
  readonly #shown: (line: string) => string;
  #waiting: string[] = [];
  #size = 0;
  /** The bytes of the current write: taken from the waiting lines, not yet written. */
  #chunk: Uint8Array | undefined;
  #isWriting = false;
  #timer: NodeJS.Timeout | undefined;
  #look: NodeJS.Timeout | undefined;
  #looks = 0;
  #state: LogHealth['state'] | undefined;
  /**
   * Lines that found no room: since the last line that says how many, and since the log was last
   * `ok`.
   */
  #dropped = 0;
  #lost = 0;
  /** Called when everything is written, or when a write fails. */
  #flushing: (() => void)[] = [];

  /**
   * @param onHealth is called on each change, from the event loop, and never from within `write`
   * @param shown the form in which a line is written. It is made in the background, so that it
   *   delays no caller and a lost line costs nothing
   */
  constructor(
    write: WriteSome,
    onHealth: (health: LogHealth) => void,
    shown: (line: string) => string = (line) => line,
  ) {
    this.#write = write;
    this.#onHealth = onHealth;
    this.#shown = shown;
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

  /** Resolves when everything is written, when it can't be written, or after `limitMs`. */
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
    return this.#size + line.length <= WAITING_MAX;
  }

  #keep(line: string): void {
    this.#waiting.push(line);
    this.#size += line.length;
  }

  #tellDropped(): void {
    const line = { level: 'warn', time: new Date().toISOString(), lines: this.#dropped, event: 'log.linesLost' };
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
      // The descriptor is not a valid one.
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
    return Buffer.from(this.#waiting.splice(0, end).map(this.#shown).join(''));
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
    this.#onHealth({ state: 'failed', detail, lost: 0 });
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
      this.#onHealth({ state: 'ok', detail: '', lost });
    }
    this.#flushed();
  }

  #flushed(): void {
    for (const resolve of this.#flushing.splice(0)) resolve();
  }
}
