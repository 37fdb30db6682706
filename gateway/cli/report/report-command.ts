import { join } from 'node:path';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { parseScope, SCOPE_FORMS } from '../../../protocol/drill-scope.ts';
import { isId } from '../../../protocol/gateway-command.ts';
import type { AfterActionRequest } from '../../after-action/find-subject.ts';
import { sinceTime } from '../alerts-command.ts';
import { describeCommand, type Prose } from '../help.ts';
import { dataDirectory, type SiteOptions, siteOptions } from '../site-options.ts';
import { terminalSafe } from '../terminal-safe.ts';
import { type OutputOptions, outputOptions } from './output-options.ts';

interface ReportOptions extends SiteOptions, OutputOptions {
  readonly since?: Date;
  readonly until?: Date;
  readonly drill?: string | true;
  readonly journal?: readonly string[];
}

const PROSE: Prose = {
  about: [
    'The journal is verified first, and nothing is reported from one that does not verify. The gateway may be ' +
      'running. Without --out the file gets a name that begins with the date.',
  ],
  examples: [
    ['callpoint report --drill building:A', 'a PDF to print and sign'],
    ['callpoint report --since 30d --out november.html', ''],
    ['callpoint report wb-101.1795311296.4 --json', ''],
  ],
  exitCodes: [
    ['0', 'written'],
    ['1', 'the journal does not verify, it has no such alert or drill, or the file could not be written'],
  ],
  seeAlso: ['alerts', 'verify', 'drill start'],
};

/** Reports of what the journal proves, to read, to print and to sign. */
export function addReportCommand(root: Command, out: (line: string) => void): void {
  const report = describeCommand(siteOptions(root.command('report')), PROSE)
    .description('write the report after an alert, a drill or a period: what happened when, from the verified journal')
    .argument('[alert]', 'id of the alert; callpoint alerts lists them', alertId)
    .option('--since <time>', 'all alerts since then: 90m, 2h, 7d, or a local date such as 2026-11-28', timeText)
    .option('--until <time>', 'with --since: up to then (default: now)', timeText)
    .option('--drill [scope]', `the newest drill; with a scope, the newest in it: ${SCOPE_FORMS}`, scopeText)
    .option('--journal <dir...>', 'a copy of the journal (default: the journal of the site)');
  outputOptions(report)
    .addOption(new Option('--paper <size>', 'size of the pages of a PDF').choices(['letter', 'a4']).default('letter'))
    .action(async (alert: string | undefined, options: ReportOptions) => {
      const request = requestOf(report, alert, options);
      const { writeAfterAction } = await import('./after-action-report.ts');
      const { readJournalDirectories, readSiteWithoutKeys } = await import('../../config/load.ts');
      const data = dataDirectory(options);
      const { config, journal = readJournalDirectories(config, data) ?? [join(data, 'journal')] } = options;
      const site = readSiteWithoutKeys(config);
      if (site === undefined) {
        process.stderr.write(
          `${terminalSafe(config)} could not be read: the report names no site, limits and unpressed buttons.\n`,
        );
      }
      await writeAfterAction({ request, site, directories: journal, output: options }, out);
    });
}

function requestOf(command: Command, alert: string | undefined, options: ReportOptions): AfterActionRequest {
  const { since, until, drill } = options;
  const asked = [alert, since, drill].filter((each) => each !== undefined);
  if (asked.length !== 1) command.error('error: name one of these: an alert, --since or --drill');
  if (until !== undefined && since === undefined) command.error('error: --until needs --since');
  if (alert !== undefined) return { kind: 'alert', alert };
  if (since === undefined) return { kind: 'drill', ...(typeof drill === 'string' && { scope: drill }) };
  const untilMs = (until ?? new Date()).getTime();
  if (untilMs <= since.getTime()) command.error('error: --until must be later than --since');
  return { kind: 'period', fromMs: since.getTime(), untilMs };
}

function timeText(text: string): Date {
  const at = sinceTime(text, new Date());
  if (at === undefined) throw new InvalidArgumentError('It must be 90m, 2h, 7d or a local date such as 2026-11-28.');
  return at;
}

function scopeText(text: string): string {
  if (parseScope(text) !== undefined) return text;
  throw new InvalidArgumentError(`It must be ${SCOPE_FORMS}.`);
}

function alertId(text: string): string {
  if (isId(text)) return text;
  throw new InvalidArgumentError('It must be the id of an alert; callpoint alerts lists them.');
}
