import { readFileSync } from 'node:fs';

/** package.json, as seen from the source and from the compiled code in dist/. */
const PLACES = ['../../package.json', '../../../package.json'];

/** This version of Callpoint, from its package.json. */
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
    // Missing, or another program's: try the next place.
    return {};
  }
}
