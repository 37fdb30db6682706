/**
 * Throws if something does not hold that always holds unless the gateway itself is wrong. The runtime
 * reports it as a defect, and carries out what was decided before it.
 *
 * @param what is wrong then, for a person
 */
export function invariant(ok: unknown, what: string): asserts ok {
  if (!ok) throw new Error(what);
}

/**
 * The entry of a map that cannot lack it: both sides come from one checked configuration.
 *
 * @param what the entries are, for a person
 */
export function known<K, V>(map: ReadonlyMap<K, V>, key: K, what: string): V {
  const found = map.get(key);
  // Not by `invariant`: the text would be put together at each call, and this is on the way of an alarm.
  if (found === undefined) throw new Error(`there is no ${what} ${String(key)}`);
  return found;
}
