import type { Message } from './message.ts';
import type { MqttCondition, MqttSource } from './settings.ts';

/** A member for which each source has a condition. */
interface Member extends Pick<MqttSource, 'each'> {
  readonly path: readonly string[];
}

interface Group<T> extends Member {
  readonly byText: ReadonlyMap<string, readonly T[]>;
}

/**
 * Finds the items that a message may be about by an index of their conditions, not by a search of
 * all: hundreds of tags may publish on one topic, and differ by their addresses.
 */
export class ConditionIndex<T> {
  readonly #all: readonly T[];
  readonly #always: readonly T[];
  readonly #groups: readonly Group<T>[];

  /** @param sourcesOf what is read from these messages for an item */
  constructor(all: readonly T[], sourcesOf: (item: T) => readonly MqttSource[]) {
    this.#all = all;
    const members = all.map((item) => [item, commonMembers(sourcesOf(item))] as const);
    const texts = textCounts(members.map(([, common]) => common));
    const groups = new Map<string, Member & { readonly byText: Map<string, T[]> }>();
    const always: T[] = [];
    for (const [item, common] of members) {
      const [best] = [...common].sort(([a], [b]) => (texts.get(b)?.size ?? 0) - (texts.get(a)?.size ?? 0));
      if (best === undefined) {
        always.push(item);
        continue;
      }
      const [key, { each, path, is }] = best;
      const group = groups.get(key) ?? {
        ...(each === undefined ? {} : { each }),
        path,
        byText: new Map<string, T[]>(),
      };
      groups.set(key, group);
      for (const text of is) group.byText.set(text, [...(group.byText.get(text) ?? []), item]);
    }
    this.#always = always;
    this.#groups = [...groups.values()];
  }

  /** The items that the message may be about, in their order. Their conditions decide. */
  candidates(message: Message): readonly T[] {
    if (this.#groups.length === 0) return this.#all;
    const found = new Set(this.#always);
    for (const { path, byText, ...source } of this.#groups) {
      for (const part of message.partsOf(source)) {
        for (const item of byText.get(part.text(path) ?? '') ?? []) found.add(item);
      }
    }
    return found.size === 0 ? [] : this.#all.filter((item) => found.has(item));
  }
}

type Common = ReadonlyMap<string, Member & Pick<MqttCondition, 'is'>>;

/** The members for which every source has a condition, with all texts that any of them accepts. */
function commonMembers(sources: readonly MqttSource[]): Common {
  const [first, ...rest] = sources.map(membersOf);
  const common = [...(first ?? [])].filter(([key]) => rest.every((other) => other.has(key)));
  return new Map(
    common.map(([key, member]) => [
      key,
      { ...member, is: [member, ...rest.map((other) => other.get(key))].flatMap((one) => one?.is ?? []) },
    ]),
  );
}

function membersOf({ each, when = [] }: MqttSource): Common {
  const member = ({ path, is }: MqttCondition) => ({ path, is, ...(each === undefined ? {} : { each }) });
  return new Map(when.map((condition) => [JSON.stringify([each, condition.path]), member(condition)]));
}

function textCounts(all: readonly Common[]): ReadonlyMap<string, ReadonlySet<string>> {
  const texts = new Map<string, Set<string>>();
  for (const [key, { is }] of all.flatMap((common) => [...common])) {
    const known = texts.get(key) ?? new Set();
    for (const text of is) known.add(text);
    texts.set(key, known);
  }
  return texts;
}
