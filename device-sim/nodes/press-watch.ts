import type { DownMessage } from '../../protocol/button-bus/message.ts';

export type Status = Extract<DownMessage, { type: 'ack' }>['status'];

/** What the LED on the wall shows. `off` means nothing heard yet, or silent mode. */
export type Led = 'off' | 'amberSlow' | 'amberFast' | 'green' | 'red';

const ENQUIRY_MS = 5_000;
const ENQUIRY_NOT_CONFIRMED_MS = 10_000;
const ENQUIRE_FOR_MS = 3_600_000;
/** Number of presses that the node enquires about at once. The oldest gives way. */
const MAX_WATCHED = 8;

/**
 * Ranks of the status, which never falls. `accepted` outranks `notConfirmed`, because it may come
 * late.
 */
const RANK: Readonly<Record<Status, number>> = { heard: 1, sent: 2, notConfirmed: 3, accepted: 4 };
const LED: Readonly<Record<Status, Led>> = {
  heard: 'amberSlow',
  sent: 'amberFast',
  notConfirmed: 'red',
  accepted: 'green',
};

export function higher(a: Status, b: Status): Status {
  return RANK[a] > RANK[b] ? a : b;
}

interface Watched {
  readonly counter: number;
  readonly wire: Uint8Array;
  status: Status;
  nextMs: number;
  readonly untilMs: number;
}

/**
 * Presses that the gateway has heard but no receiver has accepted. The node repeats each as an
 * enquiry. The LED shows the newest one.
 */
export class PressWatch {
  #watched: Watched[] = [];
  #newest: number | undefined;
  #shown: Status | undefined;

  /** True if no press enquires. */
  get isEmpty(): boolean {
    return this.#watched.length === 0;
  }

  /** A new press waits for its counter. The LED shows nothing of an older one any more. */
  waits(): void {
    this.#newest = undefined;
    this.#shown = undefined;
  }

  /**
   * Starts to show this press on the LED when it gets its counter. A press that is sealed anew
   * keeps its `notConfirmed`: a status never falls.
   */
  pressed(counter: number, notConfirmed: boolean): void {
    this.#newest = counter;
    this.#shown = notConfirmed ? 'notConfirmed' : undefined;
  }

  /**
   * Shows `notConfirmed` for a press that the gateway has not acknowledged yet. Nothing else
   * changes.
   */
  notConfirmed(counter: number): void {
    this.#show(counter, 'notConfirmed');
  }

  /** Takes a press that was acknowledged and so has left the queue. */
  heard(counter: number, wire: Uint8Array, status: Status, nowMs: number): void {
    this.#show(counter, status);
    if (status === 'accepted') return;
    if (this.#watched.length >= MAX_WATCHED) this.#watched.shift();
    const nextMs = nowMs + gap(status);
    this.#watched.push({ counter, wire, status, nextMs, untilMs: nowMs + ENQUIRE_FOR_MS });
  }

  /** Takes a later acknowledgement of a press. */
  raise(counter: number, status: Status, nowMs: number): void {
    this.#show(counter, status);
    const press = this.#watched.find((one) => one.counter === counter);
    if (press === undefined || RANK[status] <= RANK[press.status]) return;
    press.status = status;
    press.nextMs = nowMs + gap(status);
    if (status === 'accepted') this.#watched = this.#watched.filter((one) => one !== press);
  }

  due(nowMs: number): Uint8Array[] {
    this.#watched = this.#watched.filter((press) => nowMs < press.untilMs);
    const wires: Uint8Array[] = [];
    for (const press of this.#watched) {
      if (press.nextMs > nowMs) continue;
      press.nextMs = nowMs + gap(press.status);
      wires.push(press.wire);
    }
    return wires;
  }

  wakeMs(): number {
    return this.#watched.reduce((wake, press) => Math.min(wake, press.nextMs), Infinity);
  }

  get led(): Led {
    return this.#shown === undefined ? 'off' : LED[this.#shown];
  }

  #show(counter: number, status: Status): void {
    if (counter !== this.#newest) return;
    this.#shown = this.#shown === undefined ? status : higher(this.#shown, status);
  }
}

function gap(status: Status): number {
  return status === 'notConfirmed' ? ENQUIRY_NOT_CONFIRMED_MS : ENQUIRY_MS;
}
