import { Command, Option } from 'commander';
import type { LogFormat } from '../system/log-text.ts';
import { configureHelps, describeCommand, type Prose } from './help.ts';
import type { JsonFlag } from './json-output.ts';
import { dataDirectory, type SiteOptions, siteOptions } from './site-options.ts';
import { versionText } from './version.ts';

const ABOUT_RUN: Prose = {
  about: [
    'SIGTERM and SIGINT stop the gateway. SIGHUP lets it take up a changed configuration, as callpoint reload does; when its terminal closes, it goes on.',
  ],
  exitCodes: [
    ['0', 'stopped'],
    ['1', 'mistakes in the configuration, another gateway on the data directory, or not stopped in time'],
    ['2', 'called with arguments that do not fit'],
    ['70', 'a defect: a service manager starts it again'],
  ],
  examples: [['callpoint run --config /etc/callpoint/site.yaml --data /var/lib/callpoint', '']],
  seeAlso: ['check', 'doctor', 'reload', 'status'],
};

interface LogFlags extends JsonFlag {
  readonly logLevel: string;
  readonly logFormat?: LogFormat;
}

/** `callpoint` without its commands. */
export function emptyProgram(): Command {
  const root = new Command('callpoint')
    .description('Panic-alarm gateway: wall buttons in, acknowledged alerts out, in bounded time.')
    .version(versionText(), '--version', 'show the version')
    .helpCommand(false)
    .exitOverride()
    // Some commands have commands below them with options of the same names.
    .enablePositionalOptions()
    .showHelpAfterError('(callpoint --help lists the commands)');
  configureHelps(root);
  return root;
}

/**
 * What `callpoint run` needs of the program: a gateway starts sooner without all other commands.
 */
export function runProgram(): Command {
  const root = emptyProgram();
  addRunCommand(root);
  return root;
}

export function addRunCommand(root: Command): void {
  describeCommand(siteOptions(root.command('run')), ABOUT_RUN)
    .description('run the gateway until SIGTERM; the log goes to stderr')
    .option('--json', 'the log as JSON, and why it did not start as one JSON object on stdout')
    .addOption(
      new Option('--log-level <level>', 'least urgent lines to log')
        .choices(['debug', 'info', 'warn', 'error'])
        .default('info'),
    )
    .addOption(
      new Option(
        '--log-format <format>',
        'pretty: for a person, in local time; json: one JSON object a line, in UTC (default: pretty at a terminal, else json)',
      ).choices(['pretty', 'json']),
    )
    .option('--no-warm-up', 'skip the warm-up of the alert path after the start: the first press takes longer')
    .action(async (options: SiteOptions & LogFlags & { warmUp: boolean }) => {
      const { run } = await import('./run.ts');
      const { config, logLevel, warmUp } = options;
      const logFormat = options.logFormat ?? (options.json ? 'json' : undefined);
      const format = logFormat === undefined ? {} : { logFormat };
      await run({ config, data: dataDirectory(options), logLevel, ...format, warmUp, json: options.json ?? false });
    });
}
