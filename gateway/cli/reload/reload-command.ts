import { setTimeout as sleep } from 'node:timers/promises';
import type { Command } from 'commander';
import { CallpointError } from '../../../protocol/errors.ts';
import type { ReloadDocument } from '../../../protocol/reload-document.ts';
import { ACCESS, describeCommand, type Prose } from '../help.ts';
import { type JsonFlag, jsonOption, jsonText } from '../json-output.ts';
import { person } from '../person.ts';
import { dataDirectory, type SiteOptions, siteOptions } from '../site-options.ts';
import { terminalWidth } from '../terminal-text.ts';

interface ReloadOptions extends SiteOptions, JsonFlag {
  readonly dryRun?: boolean;
  readonly wait?: boolean;
}

const ABOUT: Prose = {
  about: [
    'The running gateway reads the configuration that it was started with, checks it as callpoint check does, and takes up what has changed. Everything else goes on. A refused configuration changes nothing.',
    "While an alert is not acknowledged, nothing may change that it needs: its paths, its device and that device's input. The gateway's identity, its journal and its data directory change only with a restart.",
    'SIGHUP does the same and waits by itself; the log shows what became of it.',
    ACCESS,
  ],
  exitCodes: [
    ['0', 'taken up, or nothing to do'],
    ['1', 'refused, something is in the way, or no gateway answers'],
    ['2', 'called with arguments that do not fit'],
  ],
  examples: [
    ['callpoint reload --dry-run', 'see what would change'],
    ['callpoint reload --wait', ''],
  ],
  seeAlso: ['check', 'status', 'run'],
};

/** Between two tries of `--wait`. */
const AGAIN_MS = 3_000;
/** Longer than the gateway itself waits for its own answer. */
const PATIENCE_MS = 100_000;

export function addReloadCommand(root: Command, out: (line: string) => void): void {
  describeCommand(jsonOption(siteOptions(root.command('reload'))), ABOUT)
    .description('let the running gateway take up its changed configuration')
    .option('--dry-run', 'only say what would change')
    .option('--wait', 'wait until nothing is in the way')
    .action(async (options: ReloadOptions) => {
      const document = await reloaded(options, () => {
        if (!options.json) process.stderr.write('Waiting until nothing is in the way; Ctrl-C ends the waiting.\n');
      });
      const { reloadText } = await import('./reload-text.ts');
      const ok = ['done', 'unchanged', 'possible'].includes(document.state);
      if (options.json) out(jsonText({ ok, ...document }));
      else for (const line of reloadText(document, terminalWidth())) out(line);
      process.exitCode = ok ? 0 : 1;
    });
}

/** @throws CallpointError GATEWAY_UNREACHABLE, COMMAND_REFUSED */
async function reloaded(options: ReloadOptions, waits: () => void): Promise<ReloadDocument> {
  const { askGateway } = await import('../../control/ask-gateway.ts');
  const { dryRun = false, wait = false } = options;
  for (let isFirst = true; ; isFirst = false) {
    const request = { command: 'reload', dry_run: dryRun, by: person() };
    const { text, document } = await askGateway(dataDirectory(options), request, PATIENCE_MS);
    if (document === undefined || !('reasons' in document))
      throw new CallpointError('COMMAND_REFUSED', `Refused: ${text}`);
    if (document.state !== 'inTheWay' || !wait) return document;
    if (isFirst) waits();
    await sleep(AGAIN_MS);
  }
}
