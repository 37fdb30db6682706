import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { type Command, Option } from 'commander';

export interface SiteOptions {
  readonly config: string;
  readonly data?: string;
}

export function siteOptions(command: Command): Command {
  return command
    .addOption(new Option('-c, --config <file>', 'the site configuration').default(usualConfig(), USUAL_CONFIG))
    .option('-d, --data <dir>', `where the gateway keeps its journal (default: ${USUAL_DATA})`);
}

/** The site of an installed package. Its launcher sets both variables. */
interface InstalledSite {
  readonly CALLPOINT_CONFIG?: string | undefined;
  readonly CALLPOINT_DATA?: string | undefined;
}

const USUAL_CONFIG = 'site.yaml here, else /etc/callpoint/site.yaml if installed as a package';
const USUAL_DATA = '"data" beside the configuration, /var/lib/callpoint for /etc/callpoint';

/** What is in the working directory comes first: whoever tries a site is in its directory. */
export function usualConfig(
  installed: InstalledSite = process.env,
  isThere: (path: string) => boolean = existsSync,
): string {
  const { CALLPOINT_CONFIG: config = '' } = installed;
  return config === '' || isThere('site.yaml') ? 'site.yaml' : config;
}

/** Beside the configuration unless the option says otherwise, or the site is the installed one. */
export function dataDirectory({ config, data }: SiteOptions, installed: InstalledSite = process.env): string {
  if (data !== undefined) return data;
  const { CALLPOINT_CONFIG: installedConfig = '', CALLPOINT_DATA: installedData = '' } = installed;
  const isInstalled = installedConfig !== '' && resolve(config) === resolve(installedConfig);
  return isInstalled && installedData !== '' ? installedData : join(dirname(config), 'data');
}

/** Where `init` writes the installed site; undefined where no package is installed. */
export function installedDirectory({ CALLPOINT_CONFIG: config = '' }: InstalledSite = process.env): string | undefined {
  return config === '' ? undefined : dirname(config);
}
