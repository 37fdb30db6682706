import { readFileSync } from 'node:fs';

/** This version of Callpoint, as package.json says: two folders up from the source, one more from what is compiled. */
export function callpointVersion(): string {
  const up = import.meta.url.endsWith('.ts') ? '../../' : '../../../';
  const { version } = JSON.parse(readFileSync(new URL(`${up}package.json`, import.meta.url), 'utf8')) as {
    version: string;
  };
  return version;
}
