import { readFileSync, realpathSync } from 'node:fs';
import { dirname } from 'node:path';

/** package.json, as seen from the source and from the compiled code in dist/. */
const PLACES = ['../../package.json', '../../../package.json'];

/** This version of Callpoint, from its package.json. */
export function callpointVersion(): string {
  return ownPackage()?.version ?? 'unknown: there is no package.json of Callpoint above this program';
}

/** The directory of the release that this program belongs to, without links. */
export function releaseDirectory(): string | undefined {
  const found = ownPackage();
  return found === undefined ? undefined : dirname(realpathSync(found.url));
}

/** With the directory of the release, where `launch` has chosen between several. */
export function versionText({ CALLPOINT_RELEASES: releases }: NodeJS.ProcessEnv = process.env): string {
  const directory = releases === undefined ? undefined : releaseDirectory();
  return directory === undefined ? callpointVersion() : `${callpointVersion()} (${directory})`;
}

function ownPackage(): { readonly version: string; readonly url: URL } | undefined {
  for (const place of PLACES) {
    const url = new URL(place, import.meta.url);
    const { name, version } = packageAt(url);
    if (name === 'callpoint' && version !== undefined) return { version, url };
  }
  return undefined;
}

function packageAt(url: URL): { readonly name?: string; readonly version?: string } {
  try {
    return JSON.parse(readFileSync(url, 'utf8'));
  } catch {
    // Missing, or another program's: try the next place.
    return {};
  }
}
