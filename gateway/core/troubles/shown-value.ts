const VALUE_LENGTH_MAX = 40;

/**
 * A value that anybody may have sent: short, on one line, and without what would end its quotation.
 */
export function shown(value: string): string {
  const start = value.slice(0, 4 * VALUE_LENGTH_MAX);
  const line = start
    .replace(/[\p{C}\p{Zl}\p{Zp}\uFFFD\s]+/gu, ' ')
    .trim()
    .replaceAll('"', "'");
  const letters = [...line];
  const isWhole = start.length === value.length && letters.length <= VALUE_LENGTH_MAX;
  return isWhole ? line : `${letters.slice(0, VALUE_LENGTH_MAX).join('')}…`;
}
