import { readFileSync } from 'node:fs';

/** package.json, seen from the source and from what is compiled into dist/. */
const PLACES = ['../../package.json', '../../../package.json'];

/** This version of Callpoint, as its package.json says. */
export function callpointVersion(): string {
  for (const place of PLACES) {
    const { name, version } = packageAt(new URL(place, import.meta.url));
    if (name === 'callpoint' && version !== undefined) return version;
  }
  return 'unknown: there is no package.json of Callpoint above this program';
}

function packageAt(url: URL): { readonly name?: string; readonly version?: string } {
  try {
    return JSON.parse(readFileSync(url, 'utf8'));
  } catch {
    // Not there, or another program's: the next place is tried.
    return {};
  }
}
