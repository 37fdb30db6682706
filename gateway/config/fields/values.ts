/**
 * The earlier checks guarantee the value. If one of them has a hole, the gateway must still never
 * start without a key.
 */
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
