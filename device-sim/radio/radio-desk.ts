export interface ShownMessage {
  /** Call sign of the sender. */
  readonly source: string;
  /** Number for the acknowledgement; absent if the sender wants none. */
  readonly id?: string;
  readonly text: string;
  /** Numbers of the rooms that the text names. */
  readonly rooms: readonly string[];
  /** Number of copies heard. */
  copies: number;
}

/** Ids repeat after some time. A message that has not been heard for this time is new. */
const FORGET_MS = 30 * 60_000;
const MOST_KNOWN = 10_000;

/** The operator's screen, which shows each message once however often it is heard. */
export class RadioDesk {
  readonly shown: ShownMessage[] = [];
  readonly #known = new Map<string, { readonly message: ShownMessage; readonly heardMs: number }>();

  /** Returns true if the message is new to the operator. */
  accept(source: string, id: string | undefined, text: string, nowMs: number): boolean {
    const key = id === undefined ? `${source} ${text}` : `${source}{${id}`;
    const known = this.#known.get(key);
    this.#known.delete(key);
    if (known !== undefined && nowMs - known.heardMs <= FORGET_MS) {
      known.message.copies += 1;
      this.#known.set(key, { message: known.message, heardMs: nowMs });
      return false;
    }
    const message = { source, ...(id === undefined ? {} : { id }), text, rooms: roomsIn(text), copies: 1 };
    this.shown.push(message);
    this.#known.set(key, { message, heardMs: nowMs });
    for (const oldest of this.#known.keys()) {
      if (this.#known.size <= MOST_KNOWN) break;
      this.#known.delete(oldest);
    }
    return true;
  }
}

/**
 * Returns the rooms that a text names. A single room comes with its name, a digest has a list:
 * "Intruder, Main building, Rm 101 Reception" → 101; "Intruder: 3 more, Rm 102, 103, B12 …" → 102,
 * 103, B12. A list ends at the first word that is not a room number.
 */
export function roomsIn(text: string): string[] {
  const rooms: string[] = [];
  for (const [, first = '', rest = ''] of text.matchAll(/\bRm ([\w.-]*\w)((?:, [\w.-]*\d[\w.-]*)*)/g)) {
    rooms.push(first, ...rest.split(', ').filter((room) => room !== ''));
  }
  return [...new Set(rooms)];
}
