import type { AesCcm } from '../../protocol/button-bus/aes-ccm.ts';
import { openFrame, type ParsedFrame, sealFrame } from '../../protocol/button-bus/frame.ts';
import { ANY_NODE_EPOCH, type DownMessage, type Message, type UpMessage } from '../../protocol/button-bus/message.ts';
import type { Random } from '../random.ts';
import { type Led, PressWatch, type Status } from './press-watch.ts';
import { COUNTER_MAX, FIRST_WAIT_MS, SendQueue, type SentFrame } from './send-queue.ts';

const DEFAULT_HEARTBEAT_MS = 30_000;
/**
 * Each interval is shorter by up to this share. Nodes that were switched on together then do not
 * stay in step.
 */
const HEARTBEAT_SPREAD = 0.1;
/** So few counters are left that the node restarts at the next quiet moment. */
const COUNTERS_LEFT_MIN = 0x1000;
/** Beyond this epoch the node does not start (section 6). */
const EPOCH_MAX = 0xffff_fffe;

export interface WallNodeSettings {
  readonly id: string;
  /** Address 1…254. */
  readonly address: number;
  /** AES-128 key of 16 bytes. */
  readonly key: Uint8Array;
  /** Boot epoch of the first start. Each restart adds one. */
  readonly epoch: number;
  /** The first frame after the first start takes the counter after this one. Default 0. */
  readonly counter?: number;
  /** Numbers of buttons and points, 0…16 each. */
  readonly buttons: number;
  readonly points: number;
  /** Buttons that distinguish a long press. The simulated node is told with each press. */
  readonly longPress?: readonly number[];
  /** Buttons whose presses nothing reveals, before the gateway says so. */
  readonly silent?: readonly number[];
  /** Serial number of 16 hex digits. By default it is made from the address. */
  readonly serial?: string;
  readonly model?: number;
  readonly firmware?: string;
  readonly heartbeatMs?: number;
  readonly batteryMv?: number;
  readonly supplyMv?: number;
}

export interface Identity {
  readonly epoch: number;
  readonly counter: number;
}

export type NodeInput =
  | { readonly type: 'start' }
  /**
   * The power was cut and came back. The epoch rises by 1. The node forgets everything but the key,
   * the points and the switches.
   */
  | { readonly type: 'restart' }
  | { readonly type: 'press'; readonly button: number; readonly pattern: 'single' | 'long' }
  | { readonly type: 'release'; readonly button: number }
  | { readonly type: 'point'; readonly point: number; readonly active: boolean }
  | { readonly type: 'tamper'; readonly active: boolean }
  | { readonly type: 'power'; readonly batteryMv?: number; readonly supplyMv?: number; readonly lowBattery: boolean }
  /** A frame on the line, for whichever node. */
  | { readonly type: 'frame'; readonly frame: ParsedFrame }
  | { readonly type: 'tick' };

export interface NodeStep {
  /** Bytes to write to the line, in this order. */
  readonly frames: readonly Uint8Array[];
  /** Time of the next `tick` on the caller's clock; `Infinity` if the node needs none. */
  readonly wakeMs: number;
  /** The frame of a `press`; absent if the queue had no place for it. */
  readonly pressed?: Identity;
}

/**
 * The firmware of a wall node, byte for byte as specified, without a clock, a timer or a port of
 * its own. `nowMs` is the time; it must not run backwards.
 */
export class WallNode {
  readonly settings: WallNodeSettings;
  readonly #ccm: AesCcm;
  readonly #random: Random;
  readonly #heartbeatMs: number;
  readonly #points: boolean[];
  readonly #pressed = new Map<number, { readonly atMs: number; readonly pattern: 'single' | 'long' }>();
  #tamper = false;
  #lowBattery = false;
  #batteryMv: number | undefined;
  #supplyMv: number | undefined;

  #running = false;
  #currentEpoch: number;
  #counter = 0;
  #startedMs = 0;
  #heartbeatDueMs = Infinity;
  /** True if a heartbeat fell due while a press was not acknowledged. */
  #heartbeatOwed = false;
  #silentMode = false;
  #queue: SendQueue;
  #watch = new PressWatch();
  /** (session, counter) of the last down frame that the node obeyed since the start. */
  #obeyed: Identity = { epoch: 0, counter: 0 };

  constructor(settings: WallNodeSettings, ccm: AesCcm, random: Random) {
    this.settings = settings;
    this.#ccm = ccm;
    this.#random = random;
    this.#heartbeatMs = settings.heartbeatMs ?? DEFAULT_HEARTBEAT_MS;
    this.#points = new Array<boolean>(settings.points).fill(false);
    this.#batteryMv = settings.batteryMv;
    this.#supplyMv = settings.supplyMv;
    this.#currentEpoch = settings.epoch;
    this.#queue = this.#freshQueue();
  }

  get epoch(): number {
    return this.#currentEpoch;
  }

  get led(): Led {
    return this.#silentMode ? 'off' : this.#watch.led;
  }

  get isSilent(): boolean {
    return this.#silentMode;
  }

  /** Returns the number of frames that are not acknowledged yet. */
  get waiting(): number {
    return this.#queue.length;
  }

  point(point: number): boolean | undefined {
    return this.#points[point];
  }

  /** @throws RangeError if the node has no such button or point. */
  step(input: NodeInput, nowMs: number): NodeStep {
    // A press is sent in the same step and before anything new: it takes the next counter.
    const pressed = { epoch: this.#currentEpoch, counter: this.#counter + 1 };
    const queued = input.type === 'press' && this.#press(input.button, input.pattern, nowMs);
    this.#take(input, nowMs);
    this.#beat(nowMs);
    const frames = this.#due(nowMs);
    if (this.#mustRestart) {
      this.#restartItself(nowMs);
      frames.push(...this.#due(nowMs));
    }
    const step = { frames, wakeMs: this.#wakeMs() };
    return queued ? { ...step, pressed } : step;
  }

  #take(input: NodeInput, nowMs: number): void {
    switch (input.type) {
      case 'start':
        this.#start(this.#currentEpoch, this.settings.counter ?? 0, nowMs);
        break;
      case 'restart':
        this.#start(this.#currentEpoch + 1, 0, nowMs);
        break;
      case 'release':
        this.#release(within('button', input.button, this.settings.buttons), nowMs);
        break;
      case 'point':
        this.#points[within('point', input.point, this.settings.points)] = input.active;
        this.#offer({ type: 'point', point: input.point, active: input.active }, nowMs);
        break;
      case 'tamper':
        this.#tamper = input.active;
        this.#owe();
        break;
      case 'power':
        this.#batteryMv = input.batteryMv;
        this.#supplyMv = input.supplyMv;
        this.#lowBattery = input.lowBattery;
        this.#owe();
        break;
      case 'frame':
        this.#hear(input.frame, nowMs);
        break;
      case 'press':
      case 'tick':
        break;
    }
  }

  #due(nowMs: number): Uint8Array[] {
    return this.#running ? [...this.#queue.due(nowMs), ...this.#watch.due(nowMs)] : [];
  }

  /** At the end of the counters; a little before it only while nothing would be forgotten. */
  get #mustRestart(): boolean {
    if (!this.#running || COUNTER_MAX - this.#counter > COUNTERS_LEFT_MIN) return false;
    const isQuiet = !this.#queue.hasPress && this.#watch.isEmpty && this.#pressed.size === 0;
    return isQuiet || this.#counter === COUNTER_MAX;
  }

  /** A button that is closed at the start counts as pressed then (section 7.1). */
  #restartItself(nowMs: number): void {
    const held = [...this.#pressed];
    this.#start(this.#currentEpoch + 1, 0, nowMs);
    for (const [button, { pattern }] of held) this.#press(button, pattern, nowMs);
  }

  #start(epoch: number, counter: number, nowMs: number): void {
    this.#running = epoch <= EPOCH_MAX;
    this.#currentEpoch = epoch;
    this.#counter = counter;
    this.#startedMs = nowMs;
    this.#silentMode = false;
    this.#obeyed = { epoch: 0, counter: 0 };
    this.#pressed.clear();
    this.#queue = this.#freshQueue();
    this.#watch = new PressWatch();
    this.#offer(this.#hello(), nowMs);
    // Points may have changed while the power was off. Their states follow the hello, which waits
    // no longer than this.
    this.#heartbeatOwed = false;
    this.#heartbeatDueMs = nowMs + FIRST_WAIT_MS;
  }

  /** Returns false if the queue has no room now. */
  #press(button: number, pattern: 'single' | 'long', nowMs: number): boolean {
    this.#pressed.set(within('button', button, this.settings.buttons), { atMs: nowMs, pattern });
    // The press removes a waiting heartbeat from the queue. That is sent afterwards.
    if (this.#queue.has('heartbeat')) this.#owe();
    const offered = this.#offer({ type: 'press', button, pattern }, nowMs);
    if (offered !== 'dropped') this.#watch.waits();
    return offered === 'taken';
  }

  #release(button: number, nowMs: number): void {
    const heldMs = nowMs - (this.#pressed.get(button)?.atMs ?? nowMs);
    this.#pressed.delete(button);
    this.#offer({ type: 'release', button, heldMs }, nowMs);
  }

  #offer(message: UpMessage, nowMs: number): ReturnType<SendQueue['offer']> {
    return this.#running ? this.#queue.offer(message, nowMs) : 'dropped';
  }

  #owe(): void {
    this.#heartbeatOwed = true;
  }

  /**
   * There is no heartbeat while a press waits: its repeats are the proof of life, and the counter
   * stays near it.
   */
  #beat(nowMs: number): void {
    if (!this.#running) return;
    if (nowMs >= this.#heartbeatDueMs) this.#owe();
    if (!this.#heartbeatOwed || this.#queue.has('press')) return;
    this.#heartbeatOwed = false;
    this.#heartbeatDueMs = nowMs + this.#heartbeatMs * (1 - HEARTBEAT_SPREAD * this.#random());
    this.#offer(this.#heartbeat(nowMs), nowMs);
  }

  #wakeMs(): number {
    if (!this.#running) return Infinity;
    const heartbeat = this.#queue.has('press') ? Infinity : this.#heartbeatDueMs;
    return Math.min(this.#queue.wakeMs(), this.#watch.wakeMs(), heartbeat);
  }

  #hear(frame: ParsedFrame, nowMs: number): void {
    const { address, epoch, counter } = frame.header;
    if (!this.#running || address !== this.settings.address) return;
    // Session and counter come first: the check is cheap, and a replay then costs the node no
    // decryption.
    if (epoch < this.#obeyed.epoch || (epoch === this.#obeyed.epoch && counter <= this.#obeyed.counter)) return;
    const message = openFrame(this.#ccm, this.settings.key, frame);
    if (message === undefined || !isDown(message) || !this.#namesMyEpoch(message)) return;
    this.#obeyed = { epoch, counter };
    this.#obey(message, nowMs);
  }

  #namesMyEpoch(message: DownMessage): boolean {
    return (
      message.nodeEpoch === this.#currentEpoch || (message.type === 'poll' && message.nodeEpoch === ANY_NODE_EPOCH)
    );
  }

  #obey(message: DownMessage, nowMs: number): void {
    if (message.type === 'ack') {
      this.#acknowledged(message.counter, message.status, nowMs);
      return;
    }
    if (message.type === 'silent') this.#silentMode = message.silent;
    this.#owe();
  }

  #acknowledged(counter: number, status: Status, nowMs: number): void {
    const waited = this.#queue.acknowledge(counter, status);
    if (waited === undefined) this.#watch.raise(counter, status, nowMs);
    else if (waited.frame.message.type !== 'press') return;
    else if (waited.done) this.#watch.heard(counter, waited.frame.wire, waited.status, nowMs);
    else this.#watch.notConfirmed(counter);
  }

  #freshQueue(): SendQueue {
    return new SendQueue(this.#random, { seal: (...sealed) => this.#seal(...sealed), counter: () => this.#counter });
  }

  #seal(message: UpMessage, notConfirmed: boolean): SentFrame {
    this.#counter += 1;
    // While another press waits for a place, and so for its counter, the LED shows nothing.
    if (message.type === 'press' && !this.#queue.hasOutside) this.#watch.pressed(this.#counter, notConfirmed);
    const header = { address: this.settings.address, epoch: this.#currentEpoch, counter: this.#counter };
    const wire = sealFrame(this.#ccm, this.settings.key, header, message);
    return { message, counter: this.#counter, wire };
  }

  #hello(): UpMessage {
    const { address, buttons, points } = this.settings;
    return {
      type: 'hello',
      serial: this.settings.serial ?? address.toString(16).padStart(16, '0'),
      model: this.settings.model ?? 1,
      firmware: this.settings.firmware ?? '1.0',
      buttons,
      points,
    };
  }

  #heartbeat(nowMs: number): UpMessage {
    return {
      type: 'heartbeat',
      ...(this.#batteryMv === undefined ? {} : { batteryMv: this.#batteryMv }),
      ...(this.#supplyMv === undefined ? {} : { supplyMv: this.#supplyMv }),
      lowBattery: this.#lowBattery,
      tamper: this.#tamper,
      silentMode: this.#silentMode,
      uptimeSeconds: Math.floor((nowMs - this.#startedMs) / 1000),
      points: [...this.#points],
    };
  }
}

function isDown(message: Message): message is DownMessage {
  return message.type === 'ack' || message.type === 'poll' || message.type === 'silent';
}

function within(what: string, number: number, count: number): number {
  if (Number.isInteger(number) && number >= 0 && number < count) return number;
  throw new RangeError(
    `the node has ${count} ${what}${count === 1 ? '' : 's'}, numbered from 0: there is no ${what} ${number}`,
  );
}
