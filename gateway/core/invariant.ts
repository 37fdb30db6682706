/**
 * Throws if something is not so that can't be otherwise: a fault of the gateway's own. The runtime reports it as a defect, and carries
 * out what was decided before it.
 *
 * @param what is wrong then, for a person
 */
export function invariant(ok: unknown, what: string): asserts ok {
  if (!ok) throw new Error(what);
}
