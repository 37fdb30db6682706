import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

export const FOUND_FILE = fileURLToPath(new URL('found.json', import.meta.url));

interface Found {
  /** Its life breaks the promise. */
  readonly seed: number;
  readonly promise: string;
}

/** Which seed has found each bug. */
export function readFound(): Record<string, Found> {
  return JSON.parse(readFileSync(FOUND_FILE, 'utf8'));
}

export function writeFound(found: Readonly<Record<string, Found>>): void {
  const sorted = Object.entries(found).sort(([one], [other]) => one.localeCompare(other));
  writeFileSync(FOUND_FILE, `${JSON.stringify(Object.fromEntries(sorted), null, 2)}\n`);
}
