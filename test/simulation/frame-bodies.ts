/** Returns the bytes between the delimiters. */
export function* frameBodies(bytes: Uint8Array): Iterable<Uint8Array> {
  let start = 0;
  for (let at = 0; at < bytes.length; at++) {
    if (bytes[at] !== 0) continue;
    if (at > start) yield bytes.subarray(start, at);
    start = at + 1;
  }
}
