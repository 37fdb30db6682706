import type { Duplex } from 'node:stream';
import { Mqtt5Connection } from './mqtt5/connection.ts';

/**
 * Bytes that all subscribers together may leave unread in this process, and the least and the most
 * for one of them.
 */
const UNREAD_TOTAL = 64 * 1024 * 1024;
const UNREAD_EACH_MIN = 512 * 1024;
const UNREAD_EACH_MAX = 4 * 1024 * 1024;
/** A longer message is counted by itself. */
const LARGE_BYTES_MIN = 64 * 1024;
/**
 * Bytes of large messages that one subscriber, and all of one account, may leave unread. An account
 * whose clients read nothing takes no room from the others.
 */
const LARGE_EACH_MAX = 8 * 1024 * 1024;
const LARGE_OF_ACCOUNT_MAX = 16 * 1024 * 1024;

interface Large {
  readonly account: string;
  bytes: number;
  tick: number;
}

/**
 * Bounds what subscribers leave unread. A subscriber that was sent a large message, such as the
 * list of all Zigbee devices, is not slow because it has not read that yet: large messages have a
 * limit of their own, for each subscriber, each account and all together.
 */
export class UnreadLimit {
  readonly #large = new Map<Duplex, Large>();
  #tick = 0;

  /** False: the subscriber has not read enough to get another message of `bytes`. */
  allows(connection: Duplex, account: () => string, bytes: number, subscribers: number): boolean {
    // Nearly every message.
    if (bytes < LARGE_BYTES_MIN && unreadBytes(connection) <= UNREAD_EACH_MIN) return true;
    this.#release(connection);
    const large = this.#large.get(connection)?.bytes ?? 0;
    const each = Math.min(UNREAD_EACH_MAX, Math.max(UNREAD_EACH_MIN, UNREAD_TOTAL / Math.max(1, subscribers)));
    if (unreadBytes(connection) > each + large) return false;
    if (bytes < LARGE_BYTES_MIN) return true;
    for (const other of this.#large.keys()) this.#release(other);
    const owner = account();
    let together = bytes;
    let ofAccount = bytes;
    for (const other of this.#large.values()) {
      together += other.bytes;
      if (other.account === owner) ofAccount += other.bytes;
    }
    if (large + bytes > LARGE_EACH_MAX || ofAccount > LARGE_OF_ACCOUNT_MAX || together > UNREAD_TOTAL) return false;
    this.#large.set(connection, { account: owner, bytes: large + bytes, tick: this.#tick });
    // The library writes the message in the next turn of the event loop.
    setImmediate(() => setImmediate(() => (this.#tick += 1)));
    return true;
  }

  #release(connection: Duplex): void {
    const large = this.#large.get(connection);
    if (large === undefined) return;
    const isRead = unreadBytes(connection) === 0 && large.tick !== this.#tick;
    if (isRead || connection.destroyed) this.#large.delete(connection);
  }
}

function unreadBytes(connection: Duplex): number {
  return connection instanceof Mqtt5Connection ? connection.unreadBytes : connection.writableLength;
}
