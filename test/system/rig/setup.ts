import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { command } from './command.ts';
import { debianRoot } from './debian-root.ts';
import { removeLeftOvers } from './left-overs.ts';
import { SKIPPED } from './needs.ts';
import { buildPackages, NEWER, OLDER, withVersion } from './packages.ts';
import { makeUpdates } from './updates.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** Directory of a clean Debian 13, with the package's dependencies. */
    trixie: string;
    /** The same of Debian 12, whose Node is too old. */
    bookworm: string;
    /** Directory of the packages under test. */
    packages: string;
  }
}

/** What the package depends on. What is missing here can't be installed: there is no network. */
const DEPENDENCIES = ['init-system-helpers', 'libstdc++6'];

const { CALLPOINT_PACKAGES: given } = process.env;

/** `CALLPOINT_PACKAGES` names a directory of packages that were built already. */
export default async function setup(project: TestProject): Promise<(() => void) | undefined> {
  if (SKIPPED) return undefined;
  const packages = mkdtempSync(join(tmpdir(), 'callpoint-packages-'));
  try {
    const [trixie, bookworm] = await Promise.all([
      debianRoot({ suite: 'trixie', packages: [...DEPENDENCIES, 'nodejs'] }),
      debianRoot({ suite: 'bookworm', packages: DEPENDENCIES }),
      given === undefined
        ? buildPackages(packages)
        : command('cp', ['-r', `${given}/.`, packages], { withinMs: 60_000 }),
    ]);
    await Promise.all([withVersion(packages, OLDER), withVersion(packages, NEWER), makeUpdates(packages)]);
    project.provide('trixie', trixie);
    project.provide('bookworm', bookworm);
    project.provide('packages', packages);
  } catch (error) {
    rmSync(packages, { recursive: true });
    throw error;
  }
  return () => {
    removeLeftOvers();
    rmSync(packages, { recursive: true });
  };
}
