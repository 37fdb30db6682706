import type { UpMessage } from '../../protocol/button-bus/message.ts';
import type { Random } from '../random.ts';
import { higher, type Status } from './press-watch.ts';

/** Frames a node holds at once: what an 8-bit microcontroller has the memory for. */
export const QUEUE_LENGTH = 8;
export const FIRST_REPEAT_MS = 80;
export const LONGEST_REPEAT_MS = 2_000;
/** Each repeat waits up to this share longer, so that nodes that collided part; the first still comes within 100 ms. */
const JITTER = 0.2;
/** First sending of anything but a press: a random wait up to this, against collisions on a shared line. */
export const FIRST_WAIT_MS = 50;
/** The gateway accepts counters within 63 of the highest it has heard; a node keeps well inside. */
const MAX_AHEAD = 32;

export interface SentFrame {
  readonly message: UpMessage;
  readonly counter: number;
  readonly wire: Uint8Array;
}

/** What an acknowledgement did to a frame that waited. */
export interface Acknowledged {
  readonly frame: SentFrame;
  /** The highest status it was told so far. */
  readonly status: Status;
  /** Out of the queue. */
  readonly done: boolean;
}

interface Entry {
  readonly message: UpMessage;
  /** Absent until first sent: the counter is taken only then, so that what is replaced before costs none. */
  sent: SentFrame | undefined;
  nextMs: number;
  gapMs: number;
  /** Told `notConfirmed`, which says nothing of whether the gateway has it safe. */
  notConfirmed: boolean;
}

export interface Sealer {
  /** Takes the next counter. */
  seal(message: UpMessage): SentFrame;
  /** Counter of the newest frame; 0 before the first. */
  counter(): number;
}

/**
 * Frames on their way to the gateway, each repeated byte for byte until acknowledged. Presses go before everything else and are
 * never given up for anything but an older press of the same button.
 */
export class SendQueue {
  private readonly random: Random;
  private readonly sealer: Sealer;
  private entries: Entry[] = [];

  constructor(random: Random, sealer: Sealer) {
    this.random = random;
    this.sealer = sealer;
  }

  get length(): number {
    return this.entries.length;
  }

  has(type: UpMessage['type']): boolean {
    return this.entries.some((entry) => entry.message.type === type);
  }

  /** False if there is no room: eight presses of eight other buttons wait already, or presses have left none for less. */
  offer(message: UpMessage, nowMs: number): boolean {
    this.entries = this.entries.filter((entry) => !supersedes(message, entry.message));
    if (this.entries.length >= QUEUE_LENGTH && !this.makeRoom(message)) return false;
    const wait = message.type === 'press' ? 0 : this.random() * FIRST_WAIT_MS;
    this.entries.push({ message, sent: undefined, nextMs: nowMs + wait, gapMs: FIRST_REPEAT_MS, notConfirmed: false });
    return true;
  }

  /** What is to be sent now, presses first. */
  due(nowMs: number): Uint8Array[] {
    const wires: Uint8Array[] = [];
    for (const entry of this.inOrder()) {
      if (entry.nextMs <= nowMs && this.maySend(entry)) wires.push(this.send(entry, nowMs));
    }
    return wires;
  }

  /** When `due` next has something; `Infinity` if never by itself. */
  wakeMs(): number {
    return this.entries.reduce((wake, entry) => (this.maySend(entry) ? Math.min(wake, entry.nextMs) : wake), Infinity);
  }

  /** The frame with this counter was answered; any answer but `notConfirmed` takes it out. `undefined` if none waits. */
  acknowledge(counter: number, status: Status): Acknowledged | undefined {
    const found = this.entries.find((entry) => entry.sent?.counter === counter);
    if (found?.sent === undefined) return undefined;
    if (status === 'notConfirmed') {
      found.notConfirmed = true;
      return { frame: found.sent, status, done: false };
    }
    this.entries = this.entries.filter((entry) => entry !== found);
    return { frame: found.sent, status: found.notConfirmed ? higher('notConfirmed', status) : status, done: true };
  }

  private inOrder(): Entry[] {
    return [...this.entries.filter(isPress), ...this.entries.filter((entry) => !isPress(entry))];
  }

  private send(entry: Entry, nowMs: number): Uint8Array {
    const stale = entry.sent !== undefined && !isPress(entry) && this.sealer.counter() - entry.sent.counter > MAX_AHEAD;
    if (entry.sent === undefined || stale) {
      entry.sent = this.sealer.seal(entry.message);
      entry.gapMs = FIRST_REPEAT_MS;
    }
    entry.nextMs = nowMs + entry.gapMs * (1 + JITTER * this.random());
    entry.gapMs = Math.min(LONGEST_REPEAT_MS, entry.gapMs * 2);
    return entry.sent.wire;
  }

  /** A new frame that is no press waits while it would take the counter too far from an unacknowledged press. */
  private maySend(entry: Entry): boolean {
    if (isPress(entry) || entry.sent !== undefined) return true;
    const oldest = this.entries.reduce(
      (min, other) => (isPress(other) && other.sent !== undefined ? Math.min(min, other.sent.counter) : min),
      Infinity,
    );
    return this.sealer.counter() + 1 - oldest <= MAX_AHEAD;
  }

  private makeRoom(message: UpMessage): boolean {
    if (message.type !== 'press') return false;
    const victim = this.entries.findLast((entry) => !isPress(entry)) ?? this.newestDoubled();
    this.entries = this.entries.filter((entry) => entry !== victim);
    return victim !== undefined;
  }

  /** The newest press of a button that an older waiting press speaks for. */
  private newestDoubled(): Entry | undefined {
    return this.entries.findLast((entry, at) =>
      this.entries.slice(0, at).some((older) => buttonOf(older) === buttonOf(entry)),
    );
  }
}

function isPress(entry: Entry): boolean {
  return entry.message.type === 'press';
}

function buttonOf(entry: Entry): number {
  return entry.message.type === 'press' ? entry.message.button : -1;
}

/** Only the newest state of a point, and the newest heartbeat and hello, are worth sending; while a press waits, no heartbeat is. */
function supersedes(message: UpMessage, older: UpMessage): boolean {
  if (message.type === 'press') return older.type === 'heartbeat';
  if (message.type === 'point') return older.type === 'point' && older.point === message.point;
  return message.type === older.type && (message.type === 'heartbeat' || message.type === 'hello');
}
