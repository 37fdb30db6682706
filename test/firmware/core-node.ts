import { nodeAesCcm } from '../../device-sim/nodes/node-aes-ccm.ts';
import { openFrame, parseFrame, sealFrame } from '../../protocol/button-bus/frame.ts';
import type { DownMessage, Message } from '../../protocol/button-bus/message.ts';
import { core, type Host } from './core-library.ts';

export const KEY = Uint8Array.from({ length: 16 }, (_, i) => 0xa0 + i);
export const ADDRESS = 17;
const SERIAL = Uint8Array.of(0, 0, 0, 0, 0, 0, 0, ADDRESS);
const NEVER = 0xffff_ffff;

interface CoreNodeSettings {
  readonly buttons?: number;
  readonly points?: number;
  /** Bit sets of buttons. */
  readonly longPress?: number;
  readonly silent?: number;
  readonly heartbeatSeconds?: number;
  readonly sharedLine?: boolean;
  readonly buzzer?: boolean;
}

export interface Sent {
  readonly wire: Uint8Array;
  readonly counter: number;
  readonly message: Message;
  /** It may be sent on a line that is never free. */
  readonly isPress: boolean;
}

type Timed = Sent & { readonly at: number };

/** A gateway's frame for this node, between its delimiters. */
export function downBody(session: number, counter: number, message: DownMessage, address = ADDRESS): Uint8Array {
  return sealFrame(nodeAesCcm, KEY, { address, epoch: session, counter }, message).subarray(1, -1);
}

/** A frame of the node, as the gateway opens it. @throws Error if it is not good */
export function opened(wire: Uint8Array): {
  readonly counter: number;
  readonly epoch: number;
  readonly message: Message;
} {
  const parsed = parseFrame(wire.subarray(1, -1));
  if (!parsed.ok) throw new Error(parsed.fault);
  const message = openFrame(nodeAesCcm, KEY, parsed.frame);
  if (message === undefined) throw new Error('not authentic');
  return { counter: parsed.frame.header.counter, epoch: parsed.frame.header.epoch, message };
}

/** A node made of the core alone, with the calls that a board makes. The test is its clock. */
export class CoreNode {
  readonly host: Host = core.create();
  buttons = 0;
  points = 0;
  tamper = false;
  /** Milliseconds; the node sees the lower 32 bits. */
  now: number;
  #downCounter = 0;

  constructor(settings: CoreNodeSettings = {}, epoch = 5, now = 1000) {
    const { buttons = 16, points = 16, longPress = 0, silent = 0, heartbeatSeconds = 30 } = settings;
    const { sharedLine = true, buzzer = false } = settings;
    const numbers = [ADDRESS, buttons, points, longPress, silent, heartbeatSeconds, Number(sharedLine), Number(buzzer)];
    core.set(this.host, KEY, SERIAL, Uint16Array.from(numbers));
    this.now = now;
    this.start(epoch);
  }

  /** The first contacts come with `contacts`. */
  start(epoch: number, random = 1): void {
    core.start(this.host, epoch, this.clock, random);
  }

  get clock(): number {
    return this.now % 0x1_0000_0000;
  }

  /** Time until the node wants to be called; `Infinity` if never. */
  get due(): number {
    const due = core.due(this.host, this.clock);
    return due === NEVER ? Infinity : due;
  }

  /** Tells the node its contacts as they are now. A board also does so when time is due. */
  contacts(): void {
    core.contacts(this.host, this.buttons, this.points, this.tamper, this.clock);
  }

  close(button: number): void {
    this.buttons |= 1 << button;
    this.contacts();
  }

  open(button: number): void {
    this.buttons &= ~(1 << button);
    this.contacts();
  }

  setPoint(point: number, active: boolean): void {
    this.points = active ? this.points | (1 << point) : this.points & ~(1 << point);
    this.contacts();
  }

  /** Sends whatever is due. */
  frames(): readonly Sent[] {
    const sent: Sent[] = [];
    for (;;) {
      const frame = new Uint8Array(64);
      const has = core.hasFrame(this.host, this.clock);
      const answer = core.frame(this.host, frame, this.clock);
      if (answer === 0) return sent;
      if (sent.length > 16) throw new Error('the node never ends sending');
      const isPress = (answer & 128) !== 0;
      if ((has & 2) !== (isPress ? 2 : 0)) throw new Error('node_has_frame says another frame');
      const wire = frame.subarray(0, answer & 127);
      sent.push({ wire, isPress, ...opened(wire) });
    }
  }

  hear(body: Uint8Array): void {
    core.body(this.host, Uint8Array.from(body), body.length, this.clock);
  }

  /** The gateway sends this, with the next number of its session. */
  obey(message: DownMessage, session = 1_767_225_600): void {
    this.#downCounter += 1;
    this.hear(downBody(session, this.#downCounter, message));
  }

  acknowledge(counter: number, status: Extract<DownMessage, { type: 'ack' }>['status'], nodeEpoch = 5): void {
    this.obey({ type: 'ack', nodeEpoch, counter, status });
  }

  /**
   * Lets the time pass as a board does: it calls only when something is due. Returns what was sent,
   * with its time.
   */
  run(ms: number, answer?: (sent: Sent) => void): readonly Timed[] {
    const end = this.now + ms;
    const all: Timed[] = [];
    for (let calls = 0; ; calls++) {
      if (calls > 200_000) throw new Error('the node is called too often');
      for (const sent of this.frames()) {
        all.push({ ...sent, at: this.now });
        answer?.(sent);
      }
      const due = this.due;
      if (this.now + due > end) break;
      this.now += due;
      this.contacts();
    }
    this.now = end;
    this.contacts();
    return all;
  }

  free(): void {
    core.free(this.host);
  }
}
