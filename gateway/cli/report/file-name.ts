/** In local time, as on the paper. */
export function fileTime(iso: string): string {
  const at = new Date(iso);
  const two = (value: number) => String(value).padStart(2, '0');
  const day = `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
  return `${day}-${two(at.getHours())}${two(at.getMinutes())}`;
}

/** Without what a file's name must not have. A scope may hold letters of any script. */
export function fileWord(text: string): string {
  return text.replace(/[^\p{L}\p{M}\p{N}._]+/gu, '-');
}
