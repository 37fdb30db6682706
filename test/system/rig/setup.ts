import type { TestProject } from 'vitest/node';
import { debianRoot } from './debian-root.ts';
import { SKIPPED } from './needs.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** Directory of a clean Debian 13. */
    trixie: string;
  }
}

export default async function setup(project: TestProject): Promise<void> {
  if (SKIPPED) return;
  project.provide('trixie', await debianRoot({ suite: 'trixie', packages: ['nodejs'] }));
}
