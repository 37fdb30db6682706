import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** In the repository: each file runs something, or once failed. */
export const CORPUS = fileURLToPath(new URL('./corpus/', import.meta.url));

/** What runs of this machine have found. It is not kept in the repository. */
export const FOUND = fileURLToPath(new URL('../../.callpoint/fuzz/found/', import.meta.url));

export const FAILURES = fileURLToPath(new URL('../../.callpoint/fuzz/failures/', import.meta.url));

export function readInputs(folder: string, target: string): readonly Uint8Array[] {
  const path = join(folder, target);
  if (!existsSync(path)) return [];
  return readdirSync(path)
    .sort()
    .map((name) => new Uint8Array(readFileSync(join(path, name))));
}

/** The name is the hash of the input, so that the same input is kept once. @returns the path */
export function keepInput(folder: string, target: string, input: Uint8Array): string {
  const path = join(folder, target);
  mkdirSync(path, { recursive: true });
  const file = join(path, createHash('sha256').update(input).digest('hex').slice(0, 12));
  writeFileSync(file, input);
  return file;
}
