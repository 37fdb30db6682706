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
  return areAlikeObjects(one as Fields, other as Fields);
}

/** The order counts as well: the paths of a plan have one, and so have the devices of a list. */
function areAlikeMaps(one: ReadonlyMap<unknown, unknown>, other: ReadonlyMap<unknown, unknown>): boolean {
  if (one.size !== other.size) return false;
  const others = other.entries();
  for (const [key, value] of one) {
    const [otherKey, otherValue] = others.next().value ?? [];
    if (!isAlike(key, otherKey) || !isAlike(value, otherValue)) return false;
  }
  return true;
}

function areAlikeLists(one: readonly unknown[], other: readonly unknown[]): boolean {
  return one.length === other.length && one.every((each, at) => isAlike(each, other[at]));
}

/** A member that is `undefined` counts as absent. */
function areAlikeObjects(one: Fields, other: Fields): boolean {
  let left = 0;
  // Without a list or a map of the fields: thousands of objects are compared on the alert path.
  for (const name in other) if (Object.hasOwn(other, name) && other[name] !== undefined) left += 1;
  for (const name in one) {
    if (!Object.hasOwn(one, name) || one[name] === undefined) continue;
    if (!Object.hasOwn(other, name) || !isAlike(one[name], other[name])) return false;
    left -= 1;
  }
  return left === 0;
}

type Fields = Readonly<Record<string, unknown>>;
