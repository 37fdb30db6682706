/** `npm run package`: makes the Debian packages, and signed updates of the same content. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Command, Option } from 'commander';
import type { Architecture } from './control.ts';
import { makeGatewayPackage } from './gateway-package.ts';
import { makeNodePackage } from './node-package.ts';
import { compile } from './release.ts';

const PROJECT = fileURLToPath(new URL('../..', import.meta.url));
const MAINTAINER = 'The Callpoint authors <callpoint@localhost>';

interface Options {
  readonly arch: readonly Architecture[];
  readonly out: string;
  readonly node: boolean;
}

const command = new Command('npm run package --')
  .addOption(
    new Option('--arch <arch...>', 'amd64, arm64 or armhf')
      .choices(['amd64', 'arm64', 'armhf'])
      .default(['amd64', 'arm64']),
  )
  .option('--out <dir>', 'where the packages go', 'dist-package')
  .option('--no-node', 'only callpoint, without callpoint-node')
  .parse();
const { arch, out, node } = command.opts<Options>();

const seconds = sourceDate();
const directory = resolve(out);
mkdirSync(directory, { recursive: true });
// Below the project: what is compiled finds the packages that it needs there.
const work = mkdtempSync(join(PROJECT, '.package-'));
try {
  const compiled = join(work, 'compiled');
  compile(PROJECT, compiled, seconds);
  for (const architecture of arch) {
    const maker = { architecture, out: directory, maintainer: MAINTAINER, seconds };
    made(makeGatewayPackage({ ...maker, project: PROJECT, compiled, work: fresh(`gateway-${architecture}`) }));
    if (node) made(makeNodePackage({ ...maker, work: fresh(`node-${architecture}`) }));
  }
} finally {
  rmSync(work, { recursive: true, force: true });
}

function fresh(name: string): string {
  const path = join(work, name);
  mkdirSync(path);
  return path;
}

function made(name: string | undefined): void {
  if (name !== undefined) process.stdout.write(`${join(out, name)}\n`);
}

/**
 * The time of every file: SOURCE_DATE_EPOCH, else the last commit's, else that of the lock file.
 */
function sourceDate(): number {
  const { SOURCE_DATE_EPOCH: given } = process.env;
  if (given !== undefined) return Number(given);
  if (!existsSync(join(PROJECT, '.git'))) throw new Error('Outside of git, SOURCE_DATE_EPOCH must say the date.');
  return Number(execFileSync('git', ['log', '-1', '--format=%ct'], { cwd: PROJECT, encoding: 'utf8' }));
}
