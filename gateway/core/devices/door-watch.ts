import { after, LONG_AGO_MS, type MonoMs, type WallMs } from '../../../protocol/clocks.ts';
import type { DoorState, PointState } from '../../../protocol/states.ts';
import type { Context } from '../context.ts';
import { invariant, known } from '../invariant.ts';
import type { Door, DoorPoint } from '../site.ts';
import type { Troubles } from '../troubles/troubles.ts';

/**
 * Unlocking and opening in one movement sends two messages in either order. A bolt seen unlocked
 * within this time of the opening, plus the longer debounce of the two, means that the door was not
 * forced.
 */
const GRACE_MS = 1_000;
/**
 * If the timer fires this late, the gateway was held up and may have messages that it has not read
 * yet.
 */
const LATE_MS = 100;

/**
 * One door: the states of its contact and bolt, and what follows from the order in which they
 * changed.
 */
export class DoorWatch {
  readonly door: Door;
  readonly #context: Context;
  readonly #troubles: Troubles;
  readonly #pointState: (device: string, point: number) => PointState;
  readonly #graceMs: number;
  #state: DoorState = 'unknown';
  #sinceWallMs: WallMs;
  #contact: PointState = 'unknown';
  #bolt: PointState = 'unknown';
  #contactHeard = false;
  /** When the bolt was last known to be locked, and to be unlocked. */
  #lockedMs = LONG_AGO_MS;
  #unlockedMs = LONG_AGO_MS;
  /**
   * It opened while locked. Until this time a message that the bolt is unlocked still excuses it.
   */
  #graceEndMs: MonoMs | undefined;
  #forced = false;
  #heldOpen = false;
  /** The time from which it counts as held open; `undefined`: it is not open, or may stand open. */
  #heldOpenDueMs: MonoMs | undefined;

  constructor(
    door: Door,
    context: Context,
    troubles: Troubles,
    pointState: (device: string, point: number) => PointState,
  ) {
    this.door = door;
    this.#context = context;
    this.#troubles = troubles;
    this.#pointState = pointState;
    this.#sinceWallMs = context.now.wallMs;
    this.#graceMs = GRACE_MS + Math.max(this.#debounceMs(door.contact), this.#debounceMs(door.bolt));
  }

  get state(): DoorState {
    return this.#state;
  }

  get contact(): PointState {
    return this.#contact;
  }

  get bolt(): PointState {
    return this.#bolt;
  }

  get sinceWallMs(): WallMs {
    return this.#sinceWallMs;
  }

  /**
   * One of its points may have changed, or one of its deadlines may have passed. True if its state
   * has changed.
   */
  update(): boolean {
    const before = this.#contact;
    this.#contact = this.#read(this.door.contact);
    this.#setBolt(this.#read(this.door.bolt));
    if (this.#contact === 'closed') this.#closed();
    else if (this.#contact === 'open') this.#open(before);
    // This holds even if the contact is lost: its last state stands until it reports the door
    // closed.
    if (this.#bolt === 'unlocked') this.#excuse();
    return this.#setState(this.#stateNow());
  }

  /** The grace is over. */
  forcedDue(): boolean {
    invariant(this.#graceEndMs !== undefined, `door ${this.door.id} is not suspected to be forced`);
    if (this.#context.now.monoMs - this.#graceEndMs >= LATE_MS) {
      this.#suspectForced();
      return false;
    }
    this.#graceEndMs = undefined;
    this.#forced = true;
    this.#raise('doorForced', 'Door forced');
    return this.update();
  }

  /**
   * Continues troubles of an earlier run, whose records were read late, or restores them if the
   * door is known to be closed.
   */
  restoreTroubles(): boolean {
    if (this.#contact === 'open') this.#continueTroubles();
    return this.update();
  }

  #closed(): void {
    const door = this.door.id;
    this.#contactHeard = true;
    this.#forced = false;
    this.#heldOpen = false;
    this.#heldOpenDueMs = undefined;
    this.#excuse();
    this.#context.timers.clear({ type: 'doorHeldOpen', door });
    this.#troubles.restore('doorForced', door);
    this.#troubles.restore('doorHeldOpen', door);
  }

  #open(before: PointState): void {
    if (!this.#contactHeard) this.#continueTroubles();
    this.#contactHeard = true;
    if (before === 'closed' && this.#wasLocked()) this.#suspectForced();
    const { monoMs } = this.#context.now;
    this.#awaitHeldOpen(monoMs);
    if (this.#heldOpen || this.#heldOpenDueMs === undefined || monoMs < this.#heldOpenDueMs) return;
    this.#heldOpen = true;
    this.#raise('doorHeldOpen', 'Door held open');
  }

  /** The door was forced or held open when the gateway stopped, and is still open. */
  #continueTroubles(): void {
    this.#forced ||= this.#troubles.stands('doorForced', this.door.id);
    this.#heldOpen ||= this.#troubles.stands('doorHeldOpen', this.door.id);
  }

  /** Counts a bolt whose wire broke as the door flew open as locked: it was, just before. */
  #wasLocked(): boolean {
    const sinceMs = this.#context.now.monoMs - this.#graceMs;
    return this.#bolt !== 'unlocked' && this.#lockedMs >= sinceMs && this.#unlockedMs < sinceMs;
  }

  #suspectForced(): void {
    const { timers, now } = this.#context;
    this.#graceEndMs = after(now.monoMs, this.#graceMs);
    timers.set({ type: 'doorForced', door: this.door.id }, this.#graceEndMs);
  }

  #excuse(): void {
    this.#graceEndMs = undefined;
    this.#context.timers.clear({ type: 'doorForced', door: this.door.id });
  }

  #awaitHeldOpen(monoMs: MonoMs): void {
    const { id, heldOpenMs } = this.door;
    if (heldOpenMs === undefined || this.#heldOpenDueMs !== undefined) return;
    this.#heldOpenDueMs = after(monoMs, heldOpenMs);
    this.#context.timers.set({ type: 'doorHeldOpen', door: id }, this.#heldOpenDueMs);
  }

  #setBolt(bolt: PointState): void {
    const { monoMs } = this.#context.now;
    for (const each of [this.#bolt, bolt]) {
      if (each === 'locked') this.#lockedMs = monoMs;
      if (each === 'unlocked') this.#unlockedMs = monoMs;
    }
    this.#bolt = bolt;
  }

  /**
   * An open door is open whatever its bolt reports: a bolt can be thrown while the door stands
   * open. Without a bolt, `closed` is the most that can be known.
   */
  #stateNow(): DoorState {
    if (this.door.contact !== undefined) {
      if (this.#contact === 'open') return this.#openState();
      if (this.#contact !== 'closed') return 'unknown';
      if (this.door.bolt === undefined) return 'closed';
    }
    if (this.#bolt === 'locked') return 'secured';
    return this.#bolt === 'unlocked' ? 'closedUnlocked' : 'unknown';
  }

  #openState(): DoorState {
    if (this.#forced) return 'forced';
    return this.#heldOpen ? 'heldOpen' : 'open';
  }

  #setState(state: DoorState): boolean {
    if (state === this.#state) return false;
    this.#state = state;
    this.#sinceWallMs = this.#context.now.wallMs;
    return true;
  }

  #raise(type: 'doorForced' | 'doorHeldOpen', words: string): void {
    const { id, name, building } = this.door;
    this.#troubles.raise(type, id, { text: `${words}: ${name}, building ${building}` }, this.door);
  }

  #read(point: DoorPoint | undefined): PointState {
    return point === undefined ? 'unknown' : this.#pointState(point.device, point.point);
  }

  #debounceMs(point: DoorPoint | undefined): number {
    if (point === undefined) return 0;
    const { points } = known(this.#context.site.devices, point.device, 'device');
    return known(points, point.point, 'point').debounceMs;
  }
}
