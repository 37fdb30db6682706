import { type ExecFileSyncOptions, execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import type { Architecture } from './control.ts';
import { installDependencies } from './production-tree.ts';

/**
 * Compiles the project as `npm run build` does, but into a directory of its own: `dist/` may hold
 * files of sources that are gone.
 *
 * @param seconds since 1970, the date on the pages of the manual
 */
export function compile(project: string, directory: string, seconds: number): void {
  const dist = join(directory, 'dist');
  mkdirSync(directory, { recursive: true });
  // The version is read from above the compiled files.
  cpSync(join(project, 'package.json'), join(directory, 'package.json'));
  const options: ExecFileSyncOptions = {
    cwd: project,
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { ...process.env, SOURCE_DATE_EPOCH: String(seconds) },
  };
  const bin = (name: string) => join(project, 'node_modules/.bin', name);
  execFileSync(bin('tsc'), ['-p', 'tsconfig.build.json', '--outDir', dist, '--sourceMap', 'false'], options);
  execFileSync(bin('tsx'), ['hardware/package/bundle.ts', relative(project, dist)], options);
  const manual = [join(dist, 'gateway/manual/write-manual.js'), join(dist, 'man')];
  execFileSync(process.execPath, [...manual, join(dist, 'device-sim/cli/program.js')], options);
  const completions = { cwd: project, encoding: 'utf8' } as const;
  for (const shell of ['bash', 'zsh', 'fish']) {
    const main = [join(dist, 'gateway/cli/main.js'), 'completion', shell];
    writeFileSync(join(dist, `man/callpoint.${shell}`), execFileSync(process.execPath, main, completions));
  }
  for (const file of readdirSync(dist, { recursive: true, encoding: 'utf8' })) {
    if (file.endsWith('.map')) rmSync(join(dist, file));
  }
}

/**
 * The release directory of an architecture: what `npm pack` packs, with the dependencies that the
 * architecture needs.
 */
export function makeRelease(project: string, compiled: string, directory: string, architecture: Architecture): void {
  mkdirSync(directory, { recursive: true });
  installDependencies(project, directory, architecture);
  cpSync(join(compiled, 'dist'), join(directory, 'dist'), { recursive: true });
  // `launch` runs them with the Node that it picks, so no shell has to find one.
  for (const program of ['gateway', 'device-sim']) {
    const main = join(directory, 'dist', program, 'cli/main.js');
    writeFileSync(main, readFileSync(main, 'utf8').replace(/^#!.*\n/, ''));
  }
  // The pages of the manual lie where `man` looks for them.
  rmSync(join(directory, 'dist/man'), { recursive: true });
  const { files }: { files: readonly string[] } = JSON.parse(readFileSync(join(project, 'package.json'), 'utf8'));
  for (const file of [...files, 'LICENSE', 'README.md']) {
    if (file !== 'dist') cpSync(join(project, file), join(directory, file), { recursive: true });
  }
}
