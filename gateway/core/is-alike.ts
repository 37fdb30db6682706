/**
 * True for plain data that is equal in all its parts: objects, arrays, maps, sets and primitives.
 */
export function isAlike(one: unknown, other: unknown): boolean {
  if (Object.is(one, other)) return true;
  if (typeof one !== 'object' || typeof other !== 'object' || one === null || other === null) return false;
  if (one instanceof Map) return other instanceof Map && areAlikeMaps(one, other);
  if (one instanceof Set)
    return other instanceof Set && one.size === other.size && [...one].every((each) => other.has(each));
  if (Array.isArray(one)) return Array.isArray(other) && areAlikeLists(one, other);
  if (other instanceof Map || other instanceof Set || Array.isArray(other)) return false;
  return areAlikeObjects(one, other);
}

/** The order counts as well: the paths of a plan have one, and so have the devices of a list. */
function areAlikeMaps(one: ReadonlyMap<unknown, unknown>, other: ReadonlyMap<unknown, unknown>): boolean {
  return areAlikeLists([...one].flat(), [...other].flat());
}

function areAlikeLists(one: readonly unknown[], other: readonly unknown[]): boolean {
  return one.length === other.length && one.every((each, at) => isAlike(each, other[at]));
}

/** A member that is `undefined` counts as absent. */
function areAlikeObjects(one: object, other: object): boolean {
  const present = Object.entries(one).filter(([, value]) => value !== undefined);
  const fields = new Map(Object.entries(other).filter(([, value]) => value !== undefined));
  return present.length === fields.size && present.every(([name, value]) => isAlike(value, fields.get(name)));
}
