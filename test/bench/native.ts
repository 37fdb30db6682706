import { execFileSync, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const HERE = fileURLToPath(new URL('.', import.meta.url));
const COMPILER = 'cc';

/** The C programs of the bench and how each is compiled. */
const PROGRAMS = {
  rig: { source: 'native/rig.c', options: ['-pthread'] },
  floor: { source: 'peers/floor.c', options: [] },
  slowDisk: { source: 'native/slow-disk.c', options: ['-shared', '-fPIC', '-ldl'] },
} as const;

type NativeProgram = keyof typeof PROGRAMS;

export function hasCompiler(): boolean {
  return spawnSync(COMPILER, ['--version'], { stdio: 'ignore' }).status === 0;
}

/**
 * Compiles these programs into a directory of the caller and returns their files.
 * @throws Error with the compiler's own words
 */
export function compileNative<Name extends NativeProgram>(
  directory: string,
  names: readonly Name[],
): Record<Name, string> {
  if (!hasCompiler()) throw new Error(`the bench needs a C compiler named ${COMPILER}: apt install gcc`);
  const compiled = names.map((name) => {
    const { source, options } = PROGRAMS[name];
    const file = join(directory, name);
    execFileSync(COMPILER, ['-std=c11', '-O2', '-Wall', '-Wextra', '-o', file, join(HERE, source), ...options]);
    return [name, file] as const;
  });
  return Object.fromEntries(compiled) as Record<Name, string>;
}
