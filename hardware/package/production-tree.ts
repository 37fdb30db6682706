import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, readdirSync, readFileSync, rmdirSync, rmSync, unlinkSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { type Architecture, NODE_CPUS } from './control.ts';
import { isKept, NEVER_LOADED } from './prune.ts';

interface Manifest {
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

/**
 * Installs the production dependencies for an architecture into `node_modules` of a directory, as
 * the lock file says, and removes what the gateway never loads. No script of a package runs:
 * native parts come as prebuilt files.
 */
export function installDependencies(project: string, directory: string, architecture: Architecture): void {
  for (const file of ['package.json', 'package-lock.json']) cpSync(join(project, file), join(directory, file));
  const target = ['--os=linux', `--cpu=${NODE_CPUS[architecture]}`, '--libc=glibc'];
  const quiet = ['--prefer-offline', '--no-audit', '--no-fund', '--loglevel=error'];
  execFileSync('npm', ['ci', '--omit=dev', '--ignore-scripts', ...target, ...quiet], {
    cwd: directory,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  rmSync(join(directory, 'package-lock.json'));
  const modules = join(directory, 'node_modules');
  rmSync(join(modules, '.package-lock.json'), { force: true });
  const loaded = loadedPackages(directory);
  removeCommands(modules);
  for (const folder of packageFolders(modules)) {
    if (!loaded.has(folder)) rmSync(folder, { recursive: true, force: true });
  }
  for (const folder of loaded) {
    // npm's links to the commands of packages, which are gone.
    rmSync(join(folder, 'node_modules/.bin'), { recursive: true, force: true });
    if (folder !== directory) prune(folder, architecture);
  }
  removeEmpty(modules);
}

/** Links to the commands of packages, which the gateway never runs. */
function removeCommands(modules: string): void {
  const folders = [modules, ...packageFolders(modules).map((folder) => join(folder, 'node_modules'))];
  for (const folder of folders) rmSync(join(folder, '.bin'), { recursive: true, force: true });
}

/** The folders of every installed package, also of those in the `node_modules` of another one. */
export function packageFolders(modules: string): string[] {
  if (!existsSync(modules)) return [];
  return readdirSync(modules)
    .sort()
    .flatMap((name) => {
      if (name.startsWith('.')) return [];
      const folder = join(modules, name);
      if (name.startsWith('@'))
        return readdirSync(folder)
          .sort()
          .map((each) => join(folder, each));
      return [folder];
    })
    .flatMap((folder) => [folder, ...packageFolders(join(folder, 'node_modules'))]);
}

/** The packages that are reached from the project's own, not by way of `NEVER_LOADED`. */
function loadedPackages(project: string): Set<string> {
  const reached = new Set<string>();
  const waiting = [project];
  for (let folder = waiting.pop(); folder !== undefined; folder = waiting.pop()) {
    if (reached.has(folder)) continue;
    reached.add(folder);
    const { dependencies, optionalDependencies }: Manifest = JSON.parse(
      readFileSync(join(folder, 'package.json'), 'utf8'),
    );
    for (const name of Object.keys({ ...dependencies, ...optionalDependencies })) {
      if (NEVER_LOADED.has(name) || name.startsWith('@types/')) continue;
      const found = resolvePackage(folder, project, name);
      // An optional one for another machine is not there.
      if (found !== undefined) waiting.push(found);
    }
  }
  return reached;
}

/** Where Node finds a package: in the nearest `node_modules` upwards. */
function resolvePackage(from: string, project: string, name: string): string | undefined {
  for (let at = from; ; at = dirname(at)) {
    const folder = join(at, 'node_modules', name);
    if (basename(at) !== 'node_modules' && existsSync(join(folder, 'package.json'))) return folder;
    if (at === project) return undefined;
  }
}

function prune(folder: string, architecture: Architecture): void {
  for (const path of filesOf(folder)) {
    const file = join(folder, path);
    if (!isKept(path, architecture) || isProgram(file)) unlinkSync(file);
  }
}

/** Some packages bring commands for a shell, which the gateway never runs. */
function isProgram(file: string): boolean {
  return readFileSync(file).subarray(0, 2).toString('latin1') === '#!';
}

/** Files of a package, and links; not those of the packages inside it. */
function filesOf(folder: string, inside = ''): string[] {
  return readdirSync(join(folder, inside), { withFileTypes: true }).flatMap((entry) => {
    const path = inside === '' ? entry.name : `${inside}/${entry.name}`;
    if (!entry.isDirectory()) return [path];
    return path === 'node_modules' ? [] : filesOf(folder, path);
  });
}

function removeEmpty(directory: string): void {
  for (const entry of readdirSync(directory, { withFileTypes: true })) {
    if (entry.isDirectory()) removeEmpty(join(directory, entry.name));
  }
  if (readdirSync(directory).length === 0) rmdirSync(directory);
}
