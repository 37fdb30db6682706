import { readdirSync, readFileSync, realpathSync } from 'node:fs';

// The kernel's own files about devices. An adapter may be unplugged while somebody looks at it:
// what is gone reads as absent.

/** Where the link leads; `undefined`: nowhere. */
export function resolved(path: string): string | undefined {
  try {
    return realpathSync(path);
  } catch {
    return undefined;
  }
}

/** Without the white space around it. */
export function content(file: string): string {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch {
    return '';
  }
}

/** In the order people count: `ttyS9` before `ttyS10`. */
export function entries(directory: string): string[] {
  try {
    return readdirSync(directory).sort((one, other) => one.localeCompare(other, 'en', { numeric: true }));
  } catch {
    return [];
  }
}
