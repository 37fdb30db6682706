import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** Commands that these tests call, each with the Debian package that it comes in. */
const TOOLS: Readonly<Record<string, string>> = {
  mmdebstrap: 'mmdebstrap',
  'systemd-nspawn': 'systemd-container',
  'systemd-analyze': 'systemd',
  'mkfs.ext4': 'e2fsprogs',
  nsenter: 'util-linux',
  piuparts: 'piuparts',
  lintian: 'lintian',
  'dpkg-deb': 'dpkg',
};

const { CI, PATH = '' } = process.env;

/** Returns why these tests can't run here, or `undefined` if they can. */
function obstacle(): string | undefined {
  if (process.getuid?.() !== 0) return 'only root can start containers';
  const places = [...PATH.split(delimiter), '/usr/sbin', '/sbin'];
  const missing = Object.keys(TOOLS).filter((tool) => !places.some((place) => existsSync(join(place, tool))));
  if (missing.length === 0) return undefined;
  const packages = new Set(missing.map((tool) => TOOLS[tool]));
  return `${missing.join(', ')} not installed (apt-get install ${[...packages].join(' ')})`;
}

const OBSTACLE = obstacle();
/** In CI they run nevertheless, and fail. */
export const SKIPPED = OBSTACLE !== undefined && CI !== 'true';

/** The title of a group of tests. It says why they are skipped, if they are. */
export function titled(title: string): string {
  return OBSTACLE === undefined ? title : `${title} (${OBSTACLE})`;
}
