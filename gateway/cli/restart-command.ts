import { setTimeout as sleep } from 'node:timers/promises';
import type { Command } from 'commander';
import { CallpointError } from '../../protocol/errors.ts';
import { type JsonFlag, printAnswer } from './json-output.ts';
import { commandFor } from './operator-commands.ts';
import { person } from './person.ts';
import { dataDirectory, type SiteOptions } from './site-options.ts';
import { terminalSafe } from './terminal-safe.ts';

interface RestartOptions extends SiteOptions, JsonFlag {
  readonly wait?: boolean;
}

/** Between two tries of `--wait`. */
const AGAIN_MS = 5_000;

/** `callpoint restart`: how a package upgrade brings its release into use. */
export function addRestartCommand(root: Command, out: (line: string) => void): void {
  const about = [
    'The gateway stops, and systemd starts it again with the installed release. It refuses while an alert is open, and while a drill or a walk test runs. systemctl restart callpoint asks nothing.',
    'After a package upgrade, callpoint-restart.service does this by itself.',
  ];
  commandFor(root, 'restart', { about, examples: [['callpoint restart --wait', '']], seeAlso: ['status', 'reload'] })
    .description('restart the gateway, unless an alert is open or a drill or a walk test runs')
    .option('--wait', 'wait until none of these is in the way')
    .action(async (options: RestartOptions) => {
      const text = await restarted(options, (why) => {
        if (!options.json) process.stderr.write(`Waiting: ${terminalSafe(why)}\n`);
      });
      printAnswer(options, { text }, out);
    });
}

/** @throws CallpointError GATEWAY_UNREACHABLE, COMMAND_REFUSED */
async function restarted(options: RestartOptions, waits: (why: string) => void): Promise<string> {
  const { askGateway } = await import('../control/ask-gateway.ts');
  let said = '';
  for (;;) {
    const { ok, text } = await askGateway(dataDirectory(options), { command: 'stopForUpdate', by: person() });
    if (ok) return text;
    if (!options.wait) throw new CallpointError('COMMAND_REFUSED', `Refused: ${text}`);
    if (text !== said) waits(text);
    said = text;
    await sleep(AGAIN_MS);
  }
}
