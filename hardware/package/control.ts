/** A Debian architecture that packages are made for. */
export type Architecture = 'amd64' | 'arm64' | 'armhf';

/** How npm and Node name each architecture. */
export const NODE_CPUS: Readonly<Record<Architecture, 'x64' | 'arm64' | 'arm'>> = {
  amd64: 'x64',
  arm64: 'arm64',
  armhf: 'arm',
};

interface ControlFields {
  readonly package: string;
  readonly version: string;
  readonly architecture: Architecture;
  readonly installedKib: number;
  readonly depends: readonly string[];
  readonly recommends?: readonly string[];
  readonly section: string;
  readonly maintainer: string;
  readonly synopsis: string;
  /** Paragraphs, which are wrapped here. */
  readonly description: readonly string[];
}

/**
 * A pre-release sorts before its release in Debian by `~`, in npm by `-`: 0.2.0-rc.1 is
 * 0.2.0~rc.1 (deb-version(7)). npm's build metadata (`+…`) has the same letter in both.
 *
 * @throws Error if it is no semantic version
 */
export function debianVersion(version: string): string {
  const match = /^(\d+\.\d+\.\d+)(?:-([0-9A-Za-z.-]+))?(?:\+([0-9A-Za-z.-]+))?$/.exec(version);
  if (match === null) throw new Error(`${version} is no semantic version, such as 0.2.0-rc.1`);
  const [, release, before, build] = match;
  // A hyphen would begin a Debian revision.
  const dotted = (text: string) => text.replaceAll('-', '.');
  return `${release}${before === undefined ? '' : `~${dotted(before)}`}${build === undefined ? '' : `+${dotted(build)}`}`;
}

/** The text of DEBIAN/control (deb-control(5)). */
export function controlText(fields: ControlFields): string {
  const { recommends = [] } = fields;
  const lines = [
    ['Package', fields.package],
    ['Version', fields.version],
    ['Architecture', fields.architecture],
    ['Maintainer', fields.maintainer],
    ['Installed-Size', String(fields.installedKib)],
    ['Depends', fields.depends.join(', ')],
    ...(recommends.length === 0 ? [] : [['Recommends', recommends.join(', ')]]),
    ['Section', fields.section],
    ['Priority', 'optional'],
    ['Description', fields.synopsis],
  ];
  const paragraphs = fields.description.map((text) =>
    wrapped(text)
      .map((line) => ` ${line}\n`)
      .join(''),
  );
  return `${lines.map((line) => line.join(': ')).join('\n')}\n${paragraphs.join(' .\n')}`;
}

/** Lines of at most 78 letters, as dpkg's front ends show them. */
function wrapped(text: string): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(/\s+/)) {
    if (line !== '' && line.length + 1 + word.length > 78) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, line];
}

/** Debian's own form of a changelog, with one entry (deb-changelog(5)). */
export function changelogText(name: string, version: string, maintainer: string, seconds: number): string {
  // RFC 5322, with an offset: JavaScript writes "GMT", which dpkg refuses.
  const date = new Date(seconds * 1000).toUTCString().replace('GMT', '+0000');
  return `${name} (${version}) unstable; urgency=medium

  * Release ${version}. CHANGELOG.md in this directory says what changed.

 -- ${maintainer}  ${date}
`;
}
