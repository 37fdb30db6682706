import type { Identity } from '../signal.ts';

/** A frame that arrives late, after newer ones were heard, does not undo them. */
export class MessageOrder {
  readonly #newest = new Map<string, Identity>();

  /** @returns false for a message about `subject` that is older than one before it */
  accepts(subject: string, identity: Identity): boolean {
    const newest = this.#newest.get(subject);
    if (newest !== undefined && isOlder(identity, newest)) return false;
    this.#newest.set(subject, identity);
    return true;
  }
}

function isOlder(identity: Identity, than: Identity): boolean {
  return identity.epoch < than.epoch || (identity.epoch === than.epoch && identity.counter < than.counter);
}
