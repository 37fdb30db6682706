import type { Direction } from '../../protocol/recording/recording.ts';
import type { WireTap } from './wire-tap.ts';

/** What passes on one connection of a path that may have several. */
export class ConnectionTap {
  readonly #tap: WireTap | undefined;
  #number = 0;
  #isOpen = false;

  constructor(tap: WireTap | undefined) {
    this.#tap = tap;
  }

  opened(): void {
    this.#isOpen = true;
    this.#tap?.recorder?.connection(this.#connection, 'open');
  }

  bytes(direction: Direction, bytes: Uint8Array): void {
    this.#tap?.recorder?.bytes(direction, bytes, { connection: this.#connection });
  }

  /** @param encode called only while a recording runs */
  message(direction: Direction, encode: () => Uint8Array): void {
    this.#tap?.recorder?.message(direction, encode(), { connection: this.#connection });
  }

  /** May be called twice. */
  closed(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#tap?.recorder?.connection(this.#connection, 'closed');
  }

  get #connection(): number {
    if (this.#number === 0) this.#number = this.#tap?.nextConnection() ?? 0;
    return this.#number;
  }
}
