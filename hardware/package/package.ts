/** `npm run package`: makes the Debian packages, and signed updates of the same content. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Command, Option } from 'commander';
import { writeUpdate } from '../../gateway/update/write-update.ts';
import { buildId } from './bundle.ts';
import type { Architecture } from './control.ts';
import { makeGatewayPackage, RELEASE } from './gateway-package.ts';
import { makeNodePackage } from './node-package.ts';
import { compile } from './release.ts';
import { readSigningKey, writeNewKey } from './signing-keys.ts';

const PROJECT = join(dirname(fileURLToPath(import.meta.url)), '../..');
const MAINTAINER = 'The Callpoint authors <callpoint@localhost>';

interface Options {
  readonly arch: readonly Architecture[];
  readonly out: string;
  readonly node: boolean;
  readonly sign?: readonly string[];
  readonly newKey?: string;
}

const command = new Command('npm run package --')
  .addOption(
    new Option('--arch <arch...>', 'amd64, arm64 or armhf')
      .choices(['amd64', 'arm64', 'armhf'])
      .default(['amd64', 'arm64']),
  )
  .option('--out <dir>', 'where the packages go', 'dist-package')
  .option('--no-node', 'only callpoint, without callpoint-node')
  .option('--sign <key.pem...>', 'also make signed updates; two keys during a change of keys')
  .option('--new-key <key.pem>', 'make a key to sign with, and nothing else')
  .parse();
const { arch, out, node, sign = [], newKey } = command.opts<Options>();
if (newKey !== undefined) {
  const publicFile = writeNewKey(newKey);
  process.stdout.write(`${newKey}: private, keep it off every gateway\n${publicFile}: for each gateway\n`);
  process.exit();
}

// A key that can't be used is said before the minutes of the build.
const keys = sign.map(readSigningKey);
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
    const gateway = fresh(`gateway-${architecture}`);
    made(makeGatewayPackage({ ...maker, project: PROJECT, compiled, work: gateway }));
    if (keys.length > 0) made(await makeUpdate(join(gateway, 'root', RELEASE), architecture));
    if (node) made(makeNodePackage({ ...maker, work: fresh(`node-${architecture}`) }));
  }
} finally {
  rmSync(work, { recursive: true, force: true });
}

/** The same release as in the package. */
async function makeUpdate(release: string, architecture: Architecture): Promise<string> {
  const { version, engines }: { version: string; engines: { node: string } } = JSON.parse(
    readFileSync(join(release, 'package.json'), 'utf8'),
  );
  const name = `callpoint_${version}_${architecture}.update`;
  const date = new Date(seconds * 1000).toISOString();
  const manifest = { version, build: buildId(), architecture, node: engines.node, date };
  await writeUpdate({ directory: release, file: join(directory, name), manifest, keys });
  return name;
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
