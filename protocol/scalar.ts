/**
 * A text, a number or a truth value: what has one text. To make a text of anything else that was
 * read may throw, because a mapping may have a member `toString`, and a list may hold such a
 * mapping.
 */
export function isScalar(value: unknown): value is string | number | boolean {
  return ['string', 'number', 'boolean'].includes(typeof value);
}

/** Empty for what is no scalar. */
export function textOrEmpty(value: unknown): string {
  return isScalar(value) ? String(value) : '';
}
