import type { PressPattern } from '../../protocol/press-pattern.ts';
import { realTime, type Scheduler } from '../nodes/scheduler.ts';
import { BthomeTag, type BthomeTagSettings, type TagInput } from './bthome-tag.ts';
import type { RadioStep } from './burst.ts';
import { Fob, type FobSettings } from './fob.ts';
import type { Advertisement, HciController } from './hci-controller.ts';
import { nodeBthomeCcm } from './node-bthome-ccm.ts';

interface AirSettings {
  readonly tags: readonly BthomeTagSettings[];
  readonly fobs: readonly FobSettings[];
  readonly scheduler?: Scheduler;
}

/** Number of messages of each tag that a replay sends again. */
const SENT_MAX = 64;

interface Member {
  readonly id: string;
  readonly device: BthomeTag | Fob;
  readonly sent: Advertisement[];
  callOff: (() => void) | undefined;
  last: Advertisement | undefined;
}

/** Tags and fobs in real time, and the controllers within their reach. */
export class Air {
  readonly #scheduler: Scheduler;
  readonly #members = new Map<string, Member>();
  readonly #controllers = new Set<HciController>();
  readonly #listeners = new Set<(id: string, advertisement: Advertisement) => void>();
  #started = false;
  /** Nobody hears anything, as beside a transmitter on the same channels. */
  isJammed = false;

  constructor(settings: AirSettings) {
    this.#scheduler = settings.scheduler ?? realTime;
    for (const tag of settings.tags) this.#add(tag.id, new BthomeTag(tag, nodeBthomeCcm));
    for (const fob of settings.fobs) this.#add(fob.id, new Fob(fob));
  }

  /** Lets the controller hear the air from now on. The first call starts the devices. */
  reach(controller: HciController): void {
    this.#controllers.add(controller);
    if (this.#started) return;
    this.#started = true;
    for (const member of this.#members.values()) this.#step(member, { type: 'start' });
  }

  /** Brings another tag within reach. It starts, unless the others have not started yet. */
  join(tag: BthomeTagSettings): void {
    this.#add(tag.id, new BthomeTag(tag, nodeBthomeCcm));
    if (this.#started) this.#step(this.#member(tag.id), { type: 'start' });
  }

  joinFob(fob: FobSettings): void {
    this.#add(fob.id, new Fob(fob));
    if (this.#started) this.#step(this.#member(fob.id), { type: 'start' });
  }

  /** Takes a tag or a fob away. */
  leave(id: string): void {
    this.#member(id).callOff?.();
    this.#members.delete(id);
  }

  /** @throws RangeError if the device or the button is unknown. */
  press(id: string, button = 0, pattern: PressPattern = 'single'): void {
    this.#step(this.#member(id), { type: 'press', button, pattern });
  }

  /** @throws RangeError if there is no such tag. */
  tell(id: string, input: Extract<TagInput, { type: 'door' | 'battery' | 'batteryChange' }>): void {
    this.tag(id);
    this.#step(this.#member(id), input);
  }

  /** @throws RangeError if there is no such tag. */
  tag(id: string): BthomeTag {
    const { device } = this.#member(id);
    if (device instanceof Fob) throw new RangeError(`${id} is a fob`);
    return device;
  }

  /**
   * Calls back with each message, once for all its copies. Returns a function that removes the
   * listener.
   */
  onMessage(listener: (id: string, advertisement: Advertisement) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Somebody advertises again what a tag or fob has advertised. */
  replay(id: string): void {
    for (const advertisement of this.#member(id).sent) {
      for (const controller of this.#controllers) controller.hear(advertisement);
    }
  }

  /** Stops sending. */
  stop(): void {
    for (const member of this.#members.values()) member.callOff?.();
    this.#controllers.clear();
  }

  #add(id: string, device: BthomeTag | Fob): void {
    this.#members.set(id, { id, device, sent: [], callOff: undefined, last: undefined });
  }

  #member(id: string): Member {
    const member = this.#members.get(id);
    if (member === undefined) throw new RangeError(`nothing called ${id} is in the air`);
    return member;
  }

  #step(member: Member, input: TagInput): void {
    const { device } = member;
    const nowMs = this.#scheduler.nowMs();
    if (!(device instanceof Fob)) this.#carryOut(member, device.step(input, nowMs), nowMs);
    else if (input.type === 'start' || input.type === 'press' || input.type === 'tick') {
      this.#carryOut(member, device.step(input, nowMs), nowMs);
    }
  }

  #carryOut(member: Member, { advertisements, wakeMs }: RadioStep, nowMs: number): void {
    for (const advertisement of advertisements) {
      if (!this.isJammed) for (const controller of this.#controllers) controller.hear(advertisement);
      if (member.sent.length === SENT_MAX) member.sent.shift();
      member.sent.push(advertisement);
      if (advertisement === member.last) continue;
      member.last = advertisement;
      for (const listener of this.#listeners) listener(member.id, advertisement);
    }
    member.callOff?.();
    member.callOff =
      wakeMs === Infinity
        ? undefined
        : this.#scheduler.after(Math.max(0, wakeMs - nowMs), () => this.#step(member, { type: 'tick' }));
  }
}
