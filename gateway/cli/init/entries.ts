interface Entry {
  readonly id: string;
  readonly name?: string;
}

/** `101 Reception, 102` as ids with names. */
export function entriesIn(text: string): Entry[] {
  return text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '')
    .map((part) => {
      const [, id = part, name] = /^(\S+)\s+(.+)$/.exec(part) ?? [];
      return name === undefined ? { id } : { id, name };
    });
}

/** More rooms than this are no floor. */
const RANGE_MAX = 300;

/** `101-103` as its numbers; `undefined`: it is no range. */
export function ranged(id: string): string[] | undefined {
  const [, from = '', to = ''] = /^(\d{1,5})-(\d{1,5})$/.exec(id) ?? [];
  const count = Number(to) - Number(from) + 1;
  if (from === '' || count < 1 || count > RANGE_MAX) return undefined;
  return Array.from({ length: count }, (_, at) => String(Number(from) + at).padStart(from.length, '0'));
}

/** The rooms of a floor: `101 Reception, 103-112`. */
export function roomsIn(text: string): { readonly number: string; readonly name?: string }[] {
  return entriesIn(text).flatMap(({ id, name }) =>
    (ranged(id) ?? [id]).map((number) => (name === undefined ? { number } : { number, name })),
  );
}
