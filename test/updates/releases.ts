import { createHash, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { cpSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { writeUpdate } from '../../gateway/update/write-update.ts';

const PROJECT = fileURLToPath(new URL('../../', import.meta.url));
const CLI = 'dist/gateway/cli';
const DATE = '2026-11-28T12:00:00.000Z';

/** What is wrong with a release once it runs. Each passes the check before its trial. */
export const FAULTS = ['endsAtOnce', 'endsSoon', 'hangs', 'losesPath', 'hearsNothing'] as const;
export type Fault = (typeof FAULTS)[number];
/** Their trials are over in seconds; those of the others take up to two minutes. */
export const QUICK_FAULTS: readonly Fault[] = ['endsAtOnce', 'endsSoon'];

export interface Release {
  readonly version: string;
  readonly file: string;
  readonly fault?: Fault;
}

/** Code that runs before the gateway's own. */
const BROKEN: Readonly<Record<Fault, string>> = {
  endsAtOnce: 'process.exit(9);',
  endsSoon: 'setTimeout(() => process.exit(9), 1_000);',
  hangs: 'setTimeout(() => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0), 1_000);',
  losesPath: `
    const { Socket } = await import('node:net');
    const { readFileSync } = await import('node:fs');
    const site = readFileSync(process.argv[process.argv.indexOf('--config') + 1], 'utf8');
    const port = Number(/id: backup,.* port: (\\d+)/.exec(site)[1]);
    const { connect } = Socket.prototype;
    Socket.prototype.connect = function (...all) {
      const to = Array.isArray(all[0]) ? all[0][0] : all[0];
      return to?.port === port ? this : connect.apply(this, all);
    };`,
  hearsNothing: `
    const { default: fs } = await import('node:fs');
    const { readSync } = fs;
    fs.readSync = (fd, buffer, ...rest) => {
      const count = readSync(fd, buffer, ...rest);
      if (rest[1] === 4096 && rest[2] === null) buffer.fill(0, 0, count);
      return count;
    };`,
};

/** Installs the compiled project as the packaged release, and returns the number of its version. */
export function installPackaged(dist: string, lib: string): string {
  const release = join(lib, 'release');
  copyRelease(dist, release, '0.1.0');
  return '0.1.0';
}

/**
 * Signed updates of the compiled project, each with a version and a build of its own: good ones,
 * and one with each of these faults. The key is for this run alone.
 */
export async function makeUpdates(
  dist: string,
  directory: string,
  good: number,
  faults: readonly Fault[],
): Promise<Updates> {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const updates: Release[] = [];
  for (let number = 0; number < good; number++)
    updates.push(await makeUpdate(dist, directory, `0.${number + 2}.0`, privateKey));
  for (const [number, fault] of good === 0 ? [] : faults.entries())
    updates.push(await makeUpdate(dist, directory, `0.9.${number}`, privateKey, fault));
  return {
    good: updates.filter((each) => each.fault === undefined),
    bad: updates.filter((each) => each.fault !== undefined),
    publicKey: publicKey.export({ type: 'spki', format: 'pem' }).toString(),
  };
}

export interface Updates {
  readonly good: readonly Release[];
  readonly bad: readonly Release[];
  /** PEM */
  readonly publicKey: string;
}

async function makeUpdate(
  dist: string,
  directory: string,
  version: string,
  key: KeyObject,
  fault?: Fault,
): Promise<Release> {
  const release = join(directory, `release-${version}`);
  const build = copyRelease(dist, release, version);
  if (fault !== undefined) spoil(join(release, CLI), fault);
  const file = join(directory, `callpoint_${version}.update`);
  const manifest = { version, build, architecture: 'any', node: '>=20', date: DATE } as const;
  await writeUpdate({ directory: release, file, manifest, keys: [key] });
  return { version, file, ...(fault !== undefined && { fault }) };
}

/** @returns the build of the copy: settings that another release has kept are none for it */
function copyRelease(dist: string, to: string, version: string): string {
  const cli = join(to, CLI);
  mkdirSync(cli, { recursive: true });
  const description = JSON.parse(readFileSync(join(PROJECT, 'package.json'), 'utf8'));
  writeFileSync(join(to, 'package.json'), JSON.stringify({ ...description, version }));
  const build = createHash('sha256').update(version).digest('hex');
  for (const name of readdirSync(join(dist, 'gateway/cli')).filter((each) => each.endsWith('.js'))) {
    const from = join(dist, 'gateway/cli', name);
    const code = readFileSync(from, 'utf8');
    const own = code.replaceAll(/"[0-9a-f]{64}"/g, JSON.stringify(build));
    if (own === code) cpSync(from, join(cli, name));
    else writeFileSync(join(cli, name), own);
  }
  return build;
}

function spoil(cli: string, fault: Fault): void {
  renameSync(join(cli, 'main.js'), join(cli, 'whole.js'));
  writeFileSync(
    join(cli, 'main.js'),
    `if (process.argv[2] === 'run') {${BROKEN[fault]}\n}\nawait import('./whole.js');\n`,
  );
}
