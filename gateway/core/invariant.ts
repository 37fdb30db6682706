/**
 * Throws if a condition fails that can only fail by a defect of the gateway. The runtime reports
 * the defect, and carries out what was decided before it.
 *
 * @param what is wrong then, for a person
 */
export function invariant(ok: unknown, what: string): asserts ok {
  if (!ok) throw new Error(what);
}

/**
 * Returns an entry of a map that must have it: both sides come from one checked configuration.
 *
 * @param what the entries are, for a person
 */
export function known<K, V>(map: ReadonlyMap<K, V>, key: K, what: string): V {
  const found = map.get(key);
  // Not by `invariant`: that would build the text at each call, and this call is on the way of an
  // alarm.
  if (found === undefined) throw new Error(`there is no ${what} ${String(key)}`);
  return found;
}
