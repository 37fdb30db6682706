import { isDeepStrictEqual } from 'node:util';

/** A promise of a parser does not hold. */
class BrokenPromise extends Error {}

export function promise(holds: boolean, what: string): asserts holds {
  if (!holds) throw new BrokenPromise(what);
}

export function same(actual: unknown, expected: unknown, what: string): void {
  if (isDeepStrictEqual(actual, expected)) return;
  throw new BrokenPromise(`${what}: ${shown(actual)} is not ${shown(expected)}`);
}

/** True if two byte strings are equal: much faster than comparing them as objects. */
export function sameBytes(actual: Uint8Array, expected: Uint8Array, what: string): void {
  if (Buffer.compare(actual, expected) === 0) return;
  throw new BrokenPromise(`${what}: ${shown(actual)} is not ${shown(expected)}`);
}

/**
 * Returns the result of `call`; `undefined` if it throws an error of the kind that it documents.
 * Every other error is a fault.
 */
export function unlessThrown<T>(kind: abstract new (...args: never[]) => Error, call: () => T): T | undefined {
  try {
    return call();
  } catch (error) {
    if (error instanceof kind) return undefined;
    throw error;
  }
}

/** What a stream of the input must give, however it is cut: whole, byte by byte, and in pieces. */
export function sameInAnyPieces<T>(
  input: Uint8Array,
  begin: () => { push(chunk: Uint8Array): void; readonly result: () => T },
): T {
  const whole = begin();
  whole.push(input.slice());
  const expected = whole.result();
  const single = begin();
  for (let at = 0; at < input.length; at += 1) single.push(input.slice(at, at + 1));
  same(single.result(), expected, 'byte by byte it gives another result than as a whole');
  const pieces = begin();
  for (let at = 0; at < input.length; ) {
    const length = 1 + ((input[at] ?? 0) % 7) * (1 + ((input[at + 1] ?? 0) % 5));
    pieces.push(input.slice(at, at + length));
    at += length;
  }
  same(pieces.result(), expected, 'in pieces it gives another result than as a whole');
  return expected;
}

export function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
}

export function utf8(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8');
}

function shown(value: unknown): string {
  const text = JSON.stringify(value, (_, each: unknown) => (each instanceof Uint8Array ? latin1(each) : each));
  return String(text).slice(0, 300);
}
