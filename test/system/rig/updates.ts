import { createHash, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeUpdate } from '../../../gateway/update/write-update.ts';
import { command } from './command.ts';
import { edit, gatewayPackage } from './packages.ts';

const EXTRACT_MS = 60_000;
const CLI = 'dist/gateway/cli';

/** Versions of the updates: two that work, and one that ends when it is started as the gateway. */
export const GOOD = ['1.1.0', '1.2.0'] as const;
export const BAD = '1.3.0';
const KEY = 'releases.pem';

export function updateOf(version: string): string {
  return `/media/packages/callpoint_${version}.update`;
}

/** Puts the key of the updates where the machine trusts it. */
export const TRUST = `install -m 644 /media/packages/${KEY} /etc/callpoint/update-keys/`;

/** Signed updates of the package's own release, beside the packages. Each run has its own key. */
export async function makeUpdates(directory: string): Promise<void> {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  writeFileSync(join(directory, KEY), publicKey.export({ type: 'spki', format: 'pem' }));
  const tree = mkdtempSync(join(directory, '.updates-'));
  try {
    const root = join(tree, 'root');
    mkdirSync(root);
    await command('dpkg-deb', ['--extract', join(directory, gatewayPackage(directory)), root], {
      withinMs: EXTRACT_MS,
    });
    const release = join(root, 'usr/lib/callpoint/release');
    for (const version of GOOD) await makeUpdate(release, directory, version, privateKey);
    spoil(release);
    await makeUpdate(release, directory, BAD, privateKey);
  } finally {
    rmSync(tree, { recursive: true });
  }
}

async function makeUpdate(release: string, directory: string, version: string, key: KeyObject): Promise<void> {
  edit(join(release, 'package.json'), /"version": ".*"/, `"version": "${version}"`);
  const build = createHash('sha256').update(version).digest('hex');
  // Settings that another build has kept are none for it.
  for (const name of readdirSync(join(release, CLI)).filter((each) => each.endsWith('.js'))) {
    const file = join(release, CLI, name);
    const code = readFileSync(file, 'utf8');
    writeFileSync(file, code.replaceAll(/"[0-9a-f]{64}"/g, JSON.stringify(build)));
  }
  await writeUpdate({
    directory: release,
    file: join(directory, `callpoint_${version}.update`),
    manifest: { version, build, architecture: 'any', node: '>=20', date: '2026-11-28T12:00:00.000Z' },
    keys: [key],
  });
}

function spoil(release: string): void {
  renameSync(join(release, CLI, 'main.js'), join(release, CLI, 'whole.js'));
  const code = "if (process.argv[2] === 'run') process.exit(9);\nawait import('./whole.js');\n";
  writeFileSync(join(release, CLI, 'main.js'), code);
}
