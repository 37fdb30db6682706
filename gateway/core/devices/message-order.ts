import type { Identity } from '../signal.ts';

/** What a message is about: the device's heartbeat, or the point with this number. */
type Subject = 'heartbeat' | number;

/** A frame that arrives late, after newer ones were heard, does not undo them. */
export class MessageOrder {
  readonly #newest = new Map<Subject, Identity>();

  /** @returns false for a message about `subject` that is older than one before it */
  accepts(subject: Subject, identity: Identity): boolean {
    const newest = this.#newest.get(subject);
    if (newest !== undefined && isOlder(identity, newest)) return false;
    this.#newest.set(subject, identity);
    return true;
  }
}

function isOlder(identity: Identity, than: Identity): boolean {
  return identity.epoch < than.epoch || (identity.epoch === than.epoch && identity.counter < than.counter);
}
