import { join } from 'node:path';
import { type Command, InvalidArgumentError } from 'commander';
import type { AlertSelection } from './alerts.ts';
import { describeCommand } from './help.ts';
import { type JsonFlag, jsonOption } from './json-output.ts';
import { dataDirectory, type SiteOptions, siteOptions } from './site-options.ts';

const EXAMPLES = [
  ['callpoint alerts --open', ''],
  ['callpoint alerts --since 2h --limit 20', ''],
] as const;

export function addAlertsCommand(root: Command, out: (line: string) => void): void {
  describeCommand(jsonOption(siteOptions(root.command('alerts'))), {
    examples: EXAMPLES,
    seeAlso: ['cancel', 'resolve', 'verify'],
  })
    .description('list the alerts in the journal, oldest first; the gateway may be running')
    .option('--open', 'only those that are not resolved or cancelled')
    .option('--since <time>', 'only those raised since: 90m, 2h, 7d, or a local date such as 2026-11-28', readSince)
    .option('--limit <count>', 'only the newest', readLimit)
    .action(async (options: SiteOptions & JsonFlag & AlertSelection) => {
      const { printAlerts } = await import('./alerts.ts');
      const { readJournalDirectories } = await import('../config/load.ts');
      const data = dataDirectory(options);
      const directories = readJournalDirectories(options.config, data) ?? [join(data, 'journal')];
      process.exitCode = printAlerts(directories, options.json ?? false, out, options);
    });
}

const UNITS_MS: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000 };

/** Reads `90m`, `2h`, `7d`, or a local date with or without a time. `undefined`: none of these. */
export function sinceTime(text: string, now: Date): Date | undefined {
  const [, count, unit = ''] = /^(\d{1,5})([mhd])$/.exec(text) ?? [];
  if (count !== undefined) return new Date(now.getTime() - Number(count) * (UNITS_MS[unit] ?? 0));
  if (!/^\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d)?)?$/.test(text)) return undefined;
  // Without a time of day the standard reads a date as UTC (ECMA-262 §21.4.1.32).
  const at = new Date(text.length === 10 ? `${text}T00:00` : text.replace(' ', 'T'));
  return Number.isNaN(at.getTime()) ? undefined : at;
}

function readSince(text: string): Date {
  const at = sinceTime(text, new Date());
  if (at === undefined) throw new InvalidArgumentError('It must be 90m, 2h, 7d or a local date such as 2026-11-28.');
  return at;
}

function readLimit(text: string): number {
  if (/^[1-9]\d{0,5}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('It must be a whole number from 1.');
}
