/** Devices of one make differ in case, and some send spaces around a word. */
export function isAmong(words: readonly string[], text: string): boolean {
  const plain = text.trim().toLowerCase();
  return words.some((word) => word.trim().toLowerCase() === plain);
}
