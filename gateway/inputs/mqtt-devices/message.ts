import { textAt, valueAt } from './payload.ts';
import type { MqttCondition, MqttSource } from './settings.ts';

/** More than any device sends in one message; reading a longer list must not hold up a press. */
const ELEMENTS_MAX = 100;

/** What a source is read in: the whole message, or one element of its array. */
export interface MessagePart {
  /**
   * A member as text; of the empty path, the part itself. `undefined`: it is none, or no scalar.
   */
  text(path: readonly string[]): string | undefined;
  /** A list or mapping, as JSON, where a word is due; `undefined`: there is none. */
  structure(path: readonly string[]): string | undefined;
}

/** One message, as its sources select from it. */
export class Message {
  readonly #payload: string;
  readonly #json: unknown;
  readonly #whole: MessagePart;

  /** @param json the payload's value; `undefined`: it is not JSON, or nothing asks for it */
  constructor(payload: string, json: unknown) {
    this.#payload = payload;
    this.#json = json;
    this.#whole = {
      text: (path) => (path.length === 0 ? payload : textAt(json, path)),
      structure: (path) => (path.length === 0 ? undefined : structureAt(json, path)),
    };
  }

  /** The payload itself. */
  get payload(): string {
    return this.#payload;
  }

  /** The payload as one word, without quotes; `undefined`: it is an object or an array. */
  get word(): string | undefined {
    return this.#json === undefined || this.#json === null ? this.#payload : textAt(this.#json, []);
  }

  get isJson(): boolean {
    return this.#json !== undefined;
  }

  /** Not a word, number or list, in which no member has a name. */
  get hasMembers(): boolean {
    return typeof this.#json === 'object' && !Array.isArray(this.#json);
  }

  /** The parts that the source is in, in the order of the message. */
  partsOf({ each, when = [] }: Pick<MqttSource, 'each' | 'when'>): readonly MessagePart[] {
    const parts = each === undefined ? [this.#whole] : this.#elements(each);
    return when.length === 0 ? parts : parts.filter((part) => when.every((condition) => holds(condition, part)));
  }

  /** What the source says, once for each part that it is in. */
  textsOf(source: MqttSource): readonly string[] {
    return this.partsOf(source)
      .map((part) => part.text(source.path))
      .filter((text) => text !== undefined);
  }

  /** Whether the array is longer than any device's. */
  isTooLong(each: readonly string[]): boolean {
    const array = valueAt(this.#json, each);
    return Array.isArray(array) && array.length > ELEMENTS_MAX;
  }

  #elements(each: readonly string[]): readonly MessagePart[] {
    const array = valueAt(this.#json, each);
    if (!Array.isArray(array)) return [];
    return array.map((element: unknown) => ({
      text: (path) => textAt(element, path),
      structure: (path) => structureAt(element, path),
    }));
  }
}

function holds({ path, is }: MqttCondition, part: MessagePart): boolean {
  const text = part.text(path);
  return text !== undefined && is.includes(text);
}

function structureAt(value: unknown, path: readonly string[]): string | undefined {
  const at = valueAt(value, path);
  return typeof at === 'object' && at !== null ? JSON.stringify(at) : undefined;
}
