/** Where releases are: the packaged one belongs to dpkg, the others to `callpoint update`. */
export type ReleaseName = Slot | 'packaged';

/** The two directories that updates take turns in. */
export type Slot = 'a' | 'b';

/** Of a machine that was installed from the package. `CALLPOINT_RELEASES` names another one. */
export const RELEASES_DIRECTORY = '/var/lib/callpoint-releases';

/** The program of a release: a release without it can't start. */
export const PROGRAM = 'dist/gateway/cli/main.js';

/** What `callpoint update` adds to a release: who signed it, and what the manifest says. */
export const INSTALLED_NAME = 'update.json';

export function isSlot(text: string | undefined): text is Slot {
  return text === 'a' || text === 'b';
}

export function isReleaseName(text: string | undefined): text is ReleaseName {
  return text === 'packaged' || isSlot(text);
}

/** The scripts `launch` and `before-start` take the same variable. */
export function releasesDirectory(environment: NodeJS.ProcessEnv = process.env): string {
  const { CALLPOINT_RELEASES: named = '' } = environment;
  return named === '' ? RELEASES_DIRECTORY : named;
}
