import { dirname, join } from 'node:path';
import type { Command } from 'commander';

export interface SiteOptions {
  readonly config: string;
  readonly data?: string;
}

export function siteOptions(command: Command): Command {
  return command
    .option('-c, --config <file>', 'the site configuration', 'site.yaml')
    .option('-d, --data <dir>', 'where the gateway keeps its journal (default: "data" beside the configuration)');
}

/** Beside the configuration unless the option says otherwise. */
export function dataDirectory(options: SiteOptions): string {
  return options.data ?? join(dirname(options.config), 'data');
}
