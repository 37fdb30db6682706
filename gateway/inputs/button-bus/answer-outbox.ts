/** Answers that wait while the port has no room; beyond them the oldest go: the node repeats, and gets the newer one. */
const MAX_FRAMES = 64;
const RETRY_MS = 5;
/** Without room for this long the output is reported as blocked. */
const BLOCKED_MS = 2_000;

export interface OutboxPort {
  readonly isOpen: boolean;
  /** How many bytes were taken, 0…length. Never blocks, never throws. */
  write(bytes: Uint8Array): number;
}

/** Frames on their way to the nodes, in order, one write each. Never blocks and never grows beyond its bound. */
export class AnswerOutbox {
  private readonly port: OutboxPort;
  private readonly onBlocked: (blocked: boolean) => void;
  private frames: Uint8Array[] = [];
  private timer: NodeJS.Timeout | undefined;
  private waitedMs = 0;
  private droppedFrames = 0;

  constructor(port: OutboxPort, onBlocked: (blocked: boolean) => void) {
    this.port = port;
    this.onBlocked = onBlocked;
  }

  /** Frames given up: for newer ones, or with the port. */
  get dropped(): number {
    return this.droppedFrames;
  }

  send(frame: Uint8Array): void {
    if (this.frames.length === 0) {
      const taken = this.port.write(frame);
      if (taken === frame.length) return;
      if (!this.port.isOpen) {
        // The write found the port lost.
        this.droppedFrames += 1;
        return;
      }
      this.frames.push(frame.subarray(taken));
      this.retryLater();
      return;
    }
    if (this.frames.length >= MAX_FRAMES) {
      // Not the first: part of it may be on the wire.
      this.frames.splice(1, 1);
      this.droppedFrames += 1;
    }
    this.frames.push(frame);
  }

  /** The port is gone: what waited for it is of no use to another. */
  clear(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    this.droppedFrames += this.frames.length;
    this.frames = [];
    this.waitedMs = 0;
  }

  private retryLater(): void {
    this.timer = setTimeout(() => this.retry(), RETRY_MS);
  }

  private retry(): void {
    let head = this.frames[0];
    while (head !== undefined) {
      const taken = this.port.write(head);
      // The write may have found the port lost: then the outbox has been cleared.
      if (this.frames[0] !== head) return;
      if (taken < head.length) {
        this.wait(head.subarray(taken), taken > 0);
        return;
      }
      this.frames.shift();
      head = this.frames[0];
    }
    this.unblock();
  }

  private wait(rest: Uint8Array, progress: boolean): void {
    this.frames[0] = rest;
    if (progress) this.unblock();
    else this.waitedMs += RETRY_MS;
    if (this.waitedMs === BLOCKED_MS) this.onBlocked(true);
    this.retryLater();
  }

  private unblock(): void {
    if (this.waitedMs >= BLOCKED_MS) this.onBlocked(false);
    this.waitedMs = 0;
  }
}
