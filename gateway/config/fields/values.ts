/** The checks before have seen to it; if one has a hole, starting without a key must still be impossible. */
export function required<T>(value: T | undefined, what: string): T {
  if (value === undefined) throw new Error(`the ${what} is missing although the check passed`);
  return value;
}

/** In ms. */
export function seconds(value: number): number {
  return Math.round(value * 1000);
}

/** Names for a message, the first few of many. */
export function listed(names: readonly string[]): string {
  const more = names.length > 8 ? ` and ${names.length - 8} more` : '';
  return `${names.slice(0, 8).join(', ')}${more}`;
}
