import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync } from 'node:fs';
import { join, relative } from 'node:path';
import { changelogText, controlText, debianVersion } from './control.ts';
import { copyrightText, type Included } from './copyright.ts';
import { buildDeb, gzipped, installedKib, place } from './deb.ts';
import type { PackageMaker } from './node-package.ts';
import { packageFolders } from './production-tree.ts';
import { isLicence } from './prune.ts';
import { makeRelease } from './release.ts';

interface GatewayPackageMaker extends PackageMaker {
  readonly project: string;
  /** Holds `dist/`, the same for all architectures. */
  readonly compiled: string;
}

const HOME = 'usr/lib/callpoint';
/** Where the release is in the tree of the package. */
export const RELEASE = `${HOME}/release`;
const DOCUMENTS = 'usr/share/doc/callpoint';

/** Where each file of this directory goes, by the end of its name. */
const PLACES: readonly (readonly [RegExp, (name: string) => string])[] = [
  [/\.(?:service|socket|timer|path|target)$/, (name) => `usr/lib/systemd/system/${name}`],
  [/\.rules$/, (name) => `usr/lib/udev/rules.d/${name}`],
  [/\.sysusers$/, (name) => `usr/lib/sysusers.d/${name.replace('.sysusers', '.conf')}`],
  [/\.tmpfiles$/, (name) => `usr/lib/tmpfiles.d/${name.replace('.tmpfiles', '.conf')}`],
  [/\.lintian$/, (name) => `usr/share/lintian/overrides/${name.replace('.lintian', '')}`],
  // Shell scripts have no extension.
  [/^[^.]+$/, (name) => `${HOME}/${name}`],
];

/** @returns the name of the package that was made */
export function makeGatewayPackage(maker: GatewayPackageMaker): string {
  const { project, compiled, work, architecture, out, maintainer, seconds } = maker;
  const manifest: { version: string; description: string } = JSON.parse(
    readFileSync(join(project, 'package.json'), 'utf8'),
  );
  const version = debianVersion(manifest.version);
  const root = join(work, 'root');
  makeRelease(project, compiled, join(root, RELEASE), architecture);
  const units = placeFiles(join(project, 'hardware/package'), root);
  placeManual(join(compiled, 'dist/man'), root);
  mkdirSync(join(root, 'usr/bin'));
  for (const program of ['callpoint', 'callpoint-sim']) {
    symlinkSync('../lib/callpoint/launch', join(root, 'usr/bin', program));
  }
  place(root, `${DOCUMENTS}/changelog.gz`, gzipped(changelogText('callpoint', version, maintainer, seconds)));
  place(root, `${DOCUMENTS}/copyright`, copyrightText('Callpoint', '', includedIn(root)));
  symlinkSync('../../../lib/callpoint/release/CHANGELOG.md', join(root, DOCUMENTS, 'CHANGELOG.md'));
  for (const script of ['preinst', 'postinst', 'prerm', 'postrm']) {
    const text = readFileSync(join(project, 'hardware/package/maintainer', script), 'utf8');
    place(
      root,
      `DEBIAN/${script}`,
      text.replaceAll('@VERSION@', version).replaceAll('@UNITS@', units.join(' ')),
      0o755,
    );
  }
  const control = controlText({
    package: 'callpoint',
    version,
    architecture,
    maintainer,
    installedKib: installedKib(root),
    depends: [
      // One nodejs has to satisfy both: at least 20.19, and older than 26.
      'nodejs (>= 20.19) | callpoint-node',
      'nodejs (<< 26~) | callpoint-node',
      'systemd',
      'libc6 (>= 2.34)',
      'libstdc++6',
    ],
    section: 'net',
    synopsis: 'open panic-alarm gateway',
    description: [
      'Wall buttons and door sensors in, acknowledged alerts out, in bounded time. Buttons over RS-485, GPIO, Bluetooth, Modbus and MQTT; reports over SIA DC-09, SIP, CAP, webhook, packet radio, pagers and text messages, supervised and proved by a journal.',
      'The package holds the gateway as a service of its own user, and callpoint-sim, which simulates devices and receivers for tests.',
    ],
  });
  place(root, 'DEBIAN/control', control);
  const name = `callpoint_${version}_${architecture}.deb`;
  buildDeb(root, join(out, name), seconds);
  return name;
}

/** @returns the units that are started at boot */
function placeFiles(from: string, root: string): string[] {
  const enabled: string[] = [];
  for (const entry of readdirSync(from, { withFileTypes: true })) {
    if (entry.name.startsWith('callpoint-node.')) continue;
    const [, placeOf] = PLACES.find(([pattern]) => pattern.test(entry.name)) ?? [];
    if (placeOf === undefined || !entry.isFile()) continue;
    const text = readFileSync(join(from, entry.name), 'utf8');
    const path = placeOf(entry.name);
    place(root, path, text, path.startsWith(HOME) ? 0o755 : 0o644);
    if (/^\[Install\]$/m.test(text)) enabled.push(entry.name);
  }
  return enabled.sort();
}

function placeManual(from: string, root: string): void {
  for (const file of readdirSync(from)) {
    const text = readFileSync(join(from, file), 'utf8');
    const [, name = '', extension = ''] = /^(.*)\.([^.]+)$/.exec(file) ?? [];
    if (/^\d$/.test(extension)) place(root, `usr/share/man/man${extension}/${file}.gz`, gzipped(text));
    else if (extension === 'bash') place(root, `usr/share/bash-completion/completions/${name}`, text);
    else if (extension === 'zsh') place(root, `usr/share/zsh/vendor-completions/_${name}`, text);
    else if (extension === 'fish') place(root, `usr/share/fish/vendor_completions.d/${file}`, text);
    else if (extension === 'html') place(root, `${DOCUMENTS}/${file}`, text);
  }
}

function includedIn(root: string): Included[] {
  const release = join(root, RELEASE);
  const own: Included = {
    files: '*',
    name: 'callpoint',
    version: '',
    license: 'MIT',
    author: '',
    source: '',
    text: readFileSync(join(release, 'LICENSE'), 'utf8'),
  };
  const packages = packageFolders(join(release, 'node_modules')).filter((folder) =>
    existsSync(join(folder, 'package.json')),
  );
  return [own, ...packages.map((folder) => includedPackage(root, folder))];
}

function includedPackage(root: string, folder: string): Included {
  const { name, version, license, author, repository } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  const texts = readdirSync(folder)
    .filter(isLicence)
    .map((file) => readFileSync(join(folder, file), 'utf8').trim());
  return {
    files: `${relative(root, folder)}/*`,
    name,
    version,
    license: typeof license === 'string' ? license : 'see below',
    author: typeof author === 'string' ? author : (author?.name ?? ''),
    source: typeof repository === 'string' ? repository : (repository?.url ?? ''),
    text: texts.join('\n\n'),
  };
}
