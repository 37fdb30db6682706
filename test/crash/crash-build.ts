import { cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build, stop } from 'esbuild';
import { bundle } from '../../hardware/package/bundle.ts';
import { bundlerPatches, type SourcePatch } from '../rig/source-patch.ts';

const PROJECT = fileURLToPath(new URL('../..', import.meta.url));
const RUNTIME = join(PROJECT, 'test/crash/failpoint-runtime.ts');

/** The gateway as it is installed, with the patches in it. */
interface CrashBuild {
  readonly main: string;
  remove(): void;
}

/** @throws Error if a patch does not fit the sources */
export async function makeCrashBuild(patches: readonly SourcePatch[]): Promise<CrashBuild> {
  // Within node_modules imports find the packages, and git and the linter ignore it.
  const cache = join(PROJECT, 'node_modules/.cache');
  mkdirSync(cache, { recursive: true });
  const directory = mkdtempSync(join(cache, 'callpoint-crash-'));
  cpSync(join(PROJECT, 'package.json'), join(directory, 'package.json'));
  mkdirSync(join(directory, 'dist'));
  const runtime = join(directory, 'failpoint-runtime.js');
  await build({ entryPoints: [RUNTIME], outfile: runtime, bundle: true, platform: 'node', format: 'esm' });
  // Each thread and process loads it before anything of its own.
  const banner = `import ${JSON.stringify(pathToFileURL(runtime).href)};\n`;
  await bundle(join(directory, 'dist'), { plugins: [bundlerPatches(patches)], banner });
  // Its own process would outlive the test.
  await stop();
  return {
    main: join(directory, 'dist/gateway/cli/main.js'),
    remove: () => rmSync(directory, { recursive: true, force: true }),
  };
}
