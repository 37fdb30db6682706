import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { TestProject } from 'vitest/node';
import { bundle } from '../../../hardware/package/bundle.ts';

const GATEWAY_THAT_DIES = 'test/integration/support/gateway-that-dies.ts';
const root = fileURLToPath(new URL('../../../', import.meta.url));

declare module 'vitest' {
  interface ProvidedContext {
    /** Directory of the compiled project. */
    compiled: string;
  }
}

/**
 * Compiles the project once for all tests that start processes. The hardware runs the compiled
 * form, and it starts in a fraction of the time of the source.
 */
export default async function setup(project: TestProject): Promise<() => void> {
  // The directory is within node_modules, where imports find the packages and git and the linter
  // ignore it.
  const cache = join(root, 'node_modules/.cache');
  mkdirSync(cache, { recursive: true });
  const out = mkdtempSync(join(cache, 'callpoint-test-'));
  // The project's own package.json has no effect there.
  writeFileSync(join(out, 'package.json'), '{ "type": "module" }');
  const config = {
    extends: join(root, 'tsconfig.build.json'),
    compilerOptions: { outDir: out, rootDir: root, noCheck: true, sourceMap: false },
    include: ['protocol', 'gateway', 'device-sim', GATEWAY_THAT_DIES].map((path) => join(root, path)),
  };
  const configFile = join(out, 'tsconfig.json');
  writeFileSync(configFile, JSON.stringify(config));
  const { status, stdout } = spawnSync('npx', ['tsc', '-p', configFile], { cwd: root, encoding: 'utf8' });
  if (status !== 0) throw new Error(`the project does not compile:\n${stdout}`);
  await bundle(out);
  // The fonts of printed reports are found beside the code that uses them.
  cpSync(join(root, 'gateway/print/fonts'), join(out, 'gateway/print/fonts'), { recursive: true });
  project.provide('compiled', out);
  return () => rmSync(out, { recursive: true });
}
