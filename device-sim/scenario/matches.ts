/** `any` stands for everything. */
export function isOf(wanted: string, value: unknown): boolean {
  return wanted === 'any' || wanted === value;
}

/** True if a document has these fields, inner ones too. Elements of lists count by position. */
export function hasFields(document: unknown, wanted: unknown): boolean {
  if (wanted === undefined) return true;
  if (typeof wanted !== 'object' || wanted === null) {
    // YAML takes `101` for a number; a document may have it as a text.
    return document === wanted || (typeof document === 'string' && document === String(wanted));
  }
  if (typeof document !== 'object' || document === null) return false;
  const fields = document as Readonly<Record<string, unknown>>;
  return Object.entries(wanted).every(([name, value]) => hasFields(fields[name], value));
}
