import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Architecture, changelogText, controlText } from './control.ts';
import { copyrightText } from './copyright.ts';
import { buildDeb, gzipped, installedKib, place } from './deb.ts';

/**
 * The official build of Node, as npm has it. 24 is the LTS line with the longest support within
 * `engines` (to April 2028). 24.21.0 is the newest one that npm has for both architectures.
 */
const NODE_VERSION = '24.21.0';

/** npm's `dist.integrity` of `node-linux-CPU`; npm has none for armhf that is new enough. */
const INTEGRITY = {
  amd64: 'sha512-3nULszZ5X0fciYpG0t6TrdApJzAn8+FlINP6OiMX7V8HrvpATPN936U1LlReOJriLRa4e8yEqQBYCnLyPNAs7Q==',
  arm64: 'sha512-FpJRPEz2OvvTLfjIOlNGFY9JLPMKgl5m+d4oGYBLg24kJ1mmvN1Zl/HPJgF4HDaJ51ISev1l1cRZ/DM+keXW5g==',
} as const;

export interface PackageMaker {
  readonly architecture: Architecture;
  /** An empty directory to work in. */
  readonly work: string;
  readonly out: string;
  readonly maintainer: string;
  /** Since 1970: the time of every file. */
  readonly seconds: number;
}

/** @returns the name of the package that was made; undefined where there is no build of Node */
export function makeNodePackage({ architecture, work, out, maintainer, seconds }: PackageMaker): string | undefined {
  if (architecture === 'armhf') return undefined;
  const tarball = fetchNode(architecture, work);
  execFileSync('tar', ['-xzf', tarball, '-C', work], { stdio: 'inherit' });
  const root = join(work, 'root');
  const own = 'usr/lib/callpoint-node';
  const documents = 'usr/share/doc/callpoint-node';
  const licence = readFileSync(join(work, 'package/LICENSE'), 'utf8');
  place(root, `${own}/bin/node`, readFileSync(join(work, 'package/bin/node')), 0o755);
  place(root, `${documents}/changelog.gz`, gzipped(changelogText('callpoint-node', NODE_VERSION, maintainer, seconds)));
  place(
    root,
    `${documents}/copyright`,
    copyrightText('Node.js', 'https://nodejs.org', [
      {
        files: '*',
        name: 'Node.js',
        version: NODE_VERSION,
        license: 'MIT',
        author: 'Node.js contributors',
        source: 'https://github.com/nodejs/node',
        text: licence,
      },
    ]),
  );
  const overrides = readFileSync(new URL('callpoint-node.lintian', import.meta.url), 'utf8');
  place(root, 'usr/share/lintian/overrides/callpoint-node', overrides);
  const control = controlText({
    package: 'callpoint-node',
    version: NODE_VERSION,
    architecture,
    maintainer,
    installedKib: installedKib(root),
    // The official build runs on glibc 2.28 and newer.
    depends: ['libc6 (>= 2.28)', 'libstdc++6 (>= 8)', 'libgcc-s1'],
    section: 'javascript',
    synopsis: 'Node.js for the Callpoint panic-alarm gateway',
    description: [
      'The official build of Node.js, for Debian releases whose nodejs is older than Callpoint needs. It lies in /usr/lib/callpoint-node and is used by Callpoint only: the nodejs of the machine stays as it is.',
    ],
  });
  place(root, 'DEBIAN/control', control);
  const name = `callpoint-node_${NODE_VERSION}_${architecture}.deb`;
  buildDeb(root, join(out, name), seconds);
  return name;
}

/**
 * Loads npm's package, and compares its bytes with the sum above: npm's own check knows only what
 * the registry says today.
 */
function fetchNode(architecture: 'amd64' | 'arm64', work: string): string {
  const name = `node-linux-${architecture === 'amd64' ? 'x64' : 'arm64'}`;
  const json = execFileSync('npm', ['pack', `${name}@${NODE_VERSION}`, '--json', '--prefer-offline'], {
    cwd: work,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [packed] = JSON.parse(json) as readonly { readonly filename: string }[];
  if (packed === undefined) throw new Error(`npm pack ${name}@${NODE_VERSION} made nothing`);
  const file = join(work, packed.filename);
  const sum = `sha512-${createHash('sha512').update(readFileSync(file)).digest('base64')}`;
  if (sum !== INTEGRITY[architecture]) {
    throw new Error(`${name}@${NODE_VERSION} is another file than the one that was pinned: it has ${sum}`);
  }
  return file;
}
