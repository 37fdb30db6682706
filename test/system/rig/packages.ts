import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { command } from './command.ts';

const PROJECT = fileURLToPath(new URL('../../../', import.meta.url));
const BUILD_MS = 300_000;

/** Packages of another version sort before and after every real one. */
export const OLDER = '0.0.1';
export const NEWER = '99.0.0';

/** What `npm run package` makes, for this machine's architecture. */
export async function buildPackages(directory: string): Promise<void> {
  const architecture = await command('dpkg', ['--print-architecture'], { withinMs: 10_000 });
  const args = ['run', '-s', 'package', '--', '--arch', architecture.trim(), '--out', directory];
  await command('npm', args, { withinMs: BUILD_MS, cwd: PROJECT });
}

/** The file name of the package that the tests install. */
export function gatewayPackage(directory: string, version?: string): string {
  const names = readdirSync(directory).filter((name) => /^callpoint_.*\.deb$/.test(name));
  const found = names.find((name) =>
    version === undefined
      ? !name.includes(`_${OLDER}_`) && !name.includes(`_${NEWER}_`)
      : name.includes(`_${version}_`),
  );
  if (found === undefined) throw new Error(`${directory} has no package callpoint ${version ?? ''}`);
  return found;
}

/** The same content as another version, as if that had been built. It is not compressed. */
export async function withVersion(directory: string, version: string): Promise<void> {
  const original = gatewayPackage(directory);
  const tree = mkdtempSync(join(directory, '.tree-'));
  try {
    const root = join(tree, 'root');
    mkdirSync(root);
    await command('dpkg-deb', ['--raw-extract', join(directory, original), root], { withinMs: BUILD_MS });
    const was = original.split('_')[1] ?? '';
    edit(join(root, 'DEBIAN/control'), /^Version: .*$/m, `Version: ${version}`);
    edit(join(root, 'DEBIAN/postinst'), was, version);
    edit(join(root, 'usr/lib/callpoint/release/package.json'), /"version": ".*"/, `"version": "${version}"`);
    const file = join(directory, original.replace(`_${was}_`, `_${version}_`));
    await command('dpkg-deb', ['--root-owner-group', '-Znone', '--build', root, file], { withinMs: BUILD_MS });
  } finally {
    rmSync(tree, { recursive: true });
  }
}

export function edit(file: string, from: string | RegExp, to: string): void {
  const text = readFileSync(file, 'utf8');
  const edited = typeof from === 'string' ? text.replaceAll(from, to) : text.replace(from, to);
  if (edited === text) throw new Error(`${file} has no ${from}`);
  writeFileSync(file, edited);
}
