import type { MonoMs } from '../../../protocol/clocks.ts';
import { invariant } from '../invariant.ts';
import { type KeptKey, NO_KEY, type SavedPacket, type SavedWindow } from '../journal-record.ts';
import type { Identity, Signal } from '../signal.ts';
import type { FrameWindow, Freshness } from './frame-window.ts';
import { KeyWindows } from './key-windows.ts';
import { PacketIds } from './packet-ids.ts';
import { Unnumbered } from './unnumbered.ts';

interface Checked {
  readonly freshness: Freshness;
  readonly identity?: Identity;
  readonly enrols?: true;
  /** See `PacketIds`. */
  readonly repeatedAfterMs?: number;
}

/** Tells new messages of one device from repeats, by whatever its wire numbers messages with. */
export class DeviceNumbering {
  readonly #keys = new KeyWindows();
  /** Fingerprint of the present key. */
  readonly #key: string;
  /** Which of the device's keys that is, from 1. */
  #generation = 1;
  /** What was heard under the present key. */
  readonly #window: FrameWindow;
  readonly #counterOnly: boolean;
  readonly #packetIds: PacketIds;
  readonly #unnumbered = new Unnumbered();
  #enrolling = false;

  /**
   * @param keyFingerprint absent: the device has no key
   * @param silentMs a supervised device that was silent for this long has been away; 0: it is not
   *   supervised
   */
  constructor(counterOnly: boolean, keyFingerprint: string | undefined, silentMs = 0) {
    this.#counterOnly = counterOnly;
    this.#packetIds = new PacketIds(silentMs);
    this.#key = keyFingerprint ?? NO_KEY;
    this.#window = this.#keys.of(this.#key);
  }

  /** What was heard under each key. */
  get keys(): KeyWindows {
    return this.#keys;
  }

  /** Recovers what an earlier run has heard. */
  recover(earlier: KeyWindows): void {
    this.#generation = this.#keys.recoverAll(earlier, this.#key);
  }

  /** Recovers the last press of an earlier run, on a wire that numbers messages by one byte. */
  recoverPacket(earlier: SavedPacket, nowMs: MonoMs): void {
    this.#packetIds.recover(earlier, nowMs);
  }

  /** The gateway can hear from now on. The silence before was not the device's. */
  listening(nowMs: MonoMs): void {
    this.#packetIds.listening(nowMs);
  }

  /** For the journal; `undefined`: the wire has other numbers or none, or nothing was heard. */
  savePacket(): SavedPacket | undefined {
    return this.#packetIds.save();
  }

  /** The window of the present key, for the journal; `undefined`: nothing was heard under it. */
  saveWindow(): SavedWindow | undefined {
    return this.#window.save(this.#key);
  }

  /** Every key that the device has had, for the journal; `undefined` if it has had one. */
  saveKeys(): readonly KeptKey[] | undefined {
    return this.#keys.save(this.#key);
  }

  /** True if the number is of a press that was made with an earlier key. */
  isOfEarlierKey(identity: Identity): boolean {
    return (identity.generation ?? 1) !== this.#generation;
  }

  isProven(identity: Identity): boolean {
    return this.#window.isProven(identity);
  }

  /**
   * @param vouched an operator says that it is no recording
   */
  accept(identity: Identity, vouched: boolean): void {
    this.#window.accept(identity, vouched);
  }

  /**
   * Until `endEnrolment`, a counter that begins anew is accepted: the battery was changed, or
   * another device has this key.
   */
  beginEnrolment(): void {
    this.#enrolling = true;
  }

  endEnrolment(): void {
    this.#enrolling = false;
  }

  /**
   * The number of this message, and whether it is new. The number is `undefined` if the wire
   * numbers nothing. If the device is being enrolled anew, the number begins its next epoch.
   */
  check(signal: Signal, nowMs: MonoMs): Checked {
    const { identity, packetId, repeatsWithinMs, body, capturedMs } = signal;
    if (packetId !== undefined) {
      invariant(body.type === 'readings', 'only readings are numbered by one byte');
      return this.#packetIds.hear(packetId, body, nowMs);
    }
    if (repeatsWithinMs !== undefined) {
      return { freshness: this.#unnumbered.hear(JSON.stringify(body), repeatsWithinMs, capturedMs) };
    }
    if (identity === undefined) return { freshness: 'new' };
    if (!this.#counterOnly) return { freshness: this.#window.check(identity), identity: this.#ofKey(identity) };
    const checked = this.#checkCounter(identity.counter);
    return { ...checked, identity: this.#ofKey(checked.identity) };
  }

  /** Numbers begin anew with each key, so from the second key on the number says which. */
  #ofKey(identity: Identity): Identity {
    return this.#generation === 1 ? identity : { ...identity, generation: this.#generation };
  }

  /**
   * Such a device sends one message after the other, so its counter only rises. A lower one is a
   * recording, or the device has begun anew.
   */
  #checkCounter(counter: number): { freshness: Freshness; identity: Identity; enrols?: true } {
    const last = this.#window.last();
    if (last === undefined) {
      return { freshness: 'new', identity: { epoch: 0, counter }, ...(this.#enrolling ? { enrols: true } : {}) };
    }
    const identity = { epoch: last.epoch, counter };
    if (counter > last.counter) return { freshness: 'new', identity };
    if (counter === last.counter) return { freshness: 'repeat', identity };
    // An operator may have enrolled it since the backup. A press must not be lost for that.
    if (this.#window.isDoubted) return { freshness: 'new', identity: { epoch: last.epoch + 1, counter } };
    if (this.#enrolling) return { freshness: 'new', identity: { epoch: last.epoch + 1, counter }, enrols: true };
    return { freshness: this.#window.check(identity) === 'repeat' ? 'repeat' : 'stale', identity };
  }
}
