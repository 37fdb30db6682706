export interface ShownMessage {
  /** Call sign of the sender. */
  readonly source: string;
  /** Absent: the sender wants no acknowledgement. */
  readonly id?: string;
  readonly text: string;
  /** Numbers of the rooms the text names. */
  readonly rooms: readonly string[];
  /** How often it was heard. */
  copies: number;
}

/** Ids come round again; a message that has not been heard for so long is a new one. */
const FORGET_MS = 30 * 60_000;
const MOST_KNOWN = 10_000;

/** The operator's screen: each message once, however often it is heard. */
export class RadioDesk {
  readonly shown: ShownMessage[] = [];
  readonly #known = new Map<string, { readonly message: ShownMessage; readonly heardMs: number }>();

  /** True if the message is new to the operator. */
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
 * The rooms a text names, a single one with its name or a list in a digest: "Intruder, Main
 * building, Rm 101 Reception" → 101; "Intruder: 3 more, Rm 102, 103, B12 …" → 102, 103, B12. A list
 * ends at the first word that is no room number.
 */
export function roomsIn(text: string): string[] {
  const rooms: string[] = [];
  for (const [, first = '', rest = ''] of text.matchAll(/\bRm ([\w.-]*\w)((?:, [\w.-]*\d[\w.-]*)*)/g)) {
    rooms.push(first, ...rest.split(', ').filter((room) => room !== ''));
  }
  return [...new Set(rooms)];
}
