import { type Command, InvalidArgumentError } from 'commander';
import { describeCommand, type Prose } from '../help.ts';
import { jsonOption } from '../json-output.ts';
import { minutesWithin, range } from '../operator-commands.ts';
import { siteOptions } from '../site-options.ts';
import type { UpdateFlags } from './update-flags.ts';

const ABOUT: Prose = {
  about: [
    'FILE is a signed release. Its signature must be of a key in /etc/callpoint/update-keys, where there is none at first: put the public key of who makes your releases there.',
    'The new release is put beside the one that runs. The gateway stops only while no alert is open and no drill or walk test runs, and starts again with the new release. It is then on trial: it is confirmed when the canary came through and every device, input and path that was well before is well again. Otherwise the release before is started again.',
    'The trial goes on if this command is ended, and after a power cut: callpoint-update.service watches it.',
    'What was not well before the update does not count. If something is lost in the same minutes and is not well with the release before either, the result says so; start the update again then.',
  ],
  exitCodes: [
    ['0', 'done: confirmed, or returned by hand'],
    ['1', 'refused or not valid: nothing was changed'],
    ['2', 'called with arguments that do not fit'],
    ['3', 'on trial'],
    ['4', 'returned: the release before runs'],
  ],
  examples: [
    ['callpoint update callpoint_1.3.0_arm64.update', ''],
    ['callpoint update callpoint_1.3.0_arm64.update --check', 'only verify it, and show what it is'],
    ['callpoint update --status', 'what runs, what is on trial, and what became of the last update'],
    ['callpoint update --return', 'go back to the release before'],
  ],
  files: [
    ['/etc/callpoint/update-keys/*.pem', 'Ed25519 public keys whose releases this machine takes'],
    ['/var/lib/callpoint-releases', 'the releases that updates have brought'],
  ],
  environment: [['CALLPOINT_RELEASES', 'another directory than /var/lib/callpoint-releases']],
  seeAlso: ['status', 'doctor', 'backup'],
};

const TRIAL_MINUTES = { least: 1, most: 1440 } as const;
const SETTLE_SECONDS = { least: 0, most: 86_400, usual: 60 } as const;

export function addUpdateCommand(root: Command, out: (line: string) => void): void {
  const command = describeCommand(jsonOption(siteOptions(root.command('update'))), ABOUT);
  command
    .description('take a signed release, and go back to the one before if it does not do as well')
    .argument('[file]', 'the signed release')
    .option('--check', 'verify the file, show what it is, and change nothing')
    .option('--wait', 'wait until no alert is open and no drill or walk test runs')
    .option('--allow-older', 'take a version older than the one that runs')
    .option(
      '--trial <minutes>',
      `longest time until it is confirmed or returned, ${range(TRIAL_MINUTES)} (default: 10, or what the site's supervision needs, up to 60)`,
      minutesWithin(TRIAL_MINUTES),
    )
    .option(
      '--settle <seconds>',
      'shortest time until it is confirmed',
      secondsWithin(SETTLE_SECONDS),
      SETTLE_SECONDS.usual,
    )
    .option('--keys <dir>', 'trusted public keys (default: /etc/callpoint/update-keys)')
    .option('--status', 'show what runs, what is on trial, and what became of the last update')
    .option('--return', 'go back to the release before')
    .option('--seen', 'end the trouble that an update was returned')
    .option('--resume', 'for the service: watch the release on trial until it is confirmed or returned')
    .action(async (file: string | undefined, options: UpdateFlags) => {
      const { runUpdate } = await import('./run-update.ts');
      process.exitCode = await runUpdate(file, options, out);
    });
}

function secondsWithin({ least, most }: { readonly least: number; readonly most: number }): (text: string) => number {
  return (text) => {
    const seconds = /^\d+$/.test(text) ? Number(text) : Number.NaN;
    if (seconds >= least && seconds <= most) return seconds;
    throw new InvalidArgumentError(`It must be a whole number from ${range({ least, most })}.`);
  };
}
