import { Command, Option } from 'commander';
import type { LogFormat } from '../system/log-text.ts';
import { addAlertsCommand } from './alerts-command.ts';
import { addDevicesCommands } from './devices/devices-commands.ts';
import { addDoctorCommand } from './doctor/doctor-command.ts';
import { type JsonFlag, jsonOption, printAnswer } from './json-output.ts';
import { addOperatorCommands } from './operator-commands.ts';
import { addSettingsCommand } from './settings/settings-command.ts';
import { dataDirectory, type SiteOptions, siteOptions } from './site-options.ts';
import { addStatusCommands } from './status/status-commands.ts';
import { callpointVersion } from './version.ts';

// Each command's code is loaded on demand: a gateway that runs for years keeps no parser in memory.

const out = (line: string) => {
  process.stdout.write(`${line}\n`);
};

const RUN_NOTES = `
SIGTERM and SIGINT stop the gateway. It ignores SIGHUP, so it continues when its
terminal closes. It reads the configuration at the start only.

Exit codes: 0 stopped; 1 mistakes in the configuration, another gateway on the
data directory, or not stopped in time; 70 a defect.`;

interface LogFlags extends JsonFlag {
  readonly logLevel: string;
  readonly logFormat?: LogFormat;
}

/** The commands of `callpoint`. */
export function program(): Command {
  const root = new Command('callpoint')
    .description('Panic-alarm gateway: wall buttons in, acknowledged alerts out, in bounded time.')
    .version(callpointVersion(), '--version')
    .exitOverride()
    .showHelpAfterError('(callpoint --help lists the commands)');

  siteOptions(root.command('run'))
    .description('run the gateway until SIGTERM; the log goes to stderr')
    .option('--json', 'the log as JSON, and why it did not start as one JSON object on stdout')
    .addHelpText('after', RUN_NOTES)
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
    .option(
      '--no-warm-up',
      'skip the warm-up of the alert path: the gateway starts sooner, but its first presses take longer',
    )
    .action(async (options: SiteOptions & LogFlags & { warmUp: boolean }) => {
      const { run } = await import('./run.ts');
      const { config, logLevel, warmUp } = options;
      const logFormat = options.logFormat ?? (options.json ? 'json' : undefined);
      const format = logFormat === undefined ? {} : { logFormat };
      await run({ config, data: dataDirectory(options), logLevel, ...format, warmUp, json: options.json ?? false });
    });

  jsonOption(root.command('init'))
    .description('write a starter configuration with fresh random keys')
    .argument('<dir>', 'directory to write site.yaml and keys.yaml to')
    .action(async (directory: string, options: JsonFlag) => {
      const { runInit } = await import('./init.ts');
      const lines: string[] = [];
      process.exitCode = runInit(directory, (line) => lines.push(line));
      printAnswer(options, { text: lines.join('\n'), directory }, out);
    });

  jsonOption(siteOptions(root.command('check')))
    .description('find every mistake in the configuration; exit code 1 if there is one')
    .option('--explain [device]', 'show MQTT devices with all that their profiles and the defaults fill in')
    .action(async (options: SiteOptions & JsonFlag & { explain?: string | true }) => {
      const { config, json = false, explain } = options;
      const { runCheck } = await import('./check.ts');
      const more = explain === undefined ? {} : { explain };
      process.exitCode = runCheck({ config, data: dataDirectory(options), json, ...more }, out);
    });

  addAlertsCommand(root, out);

  const drill = root
    .command('drill')
    .description("start and stop drills: presses within a drill's scope are reported as drills, not as alarms");
  const { devices } = addStatusCommands(root, drill, out);
  addDevicesCommands(devices, out);
  addSettingsCommand(root, out);
  addDoctorCommand(root, out);
  addOperatorCommands(root, drill, out);

  jsonOption(root.command('verify'))
    .description('prove that a journal or a copy of one is complete and unaltered; exit code 1 if it is not')
    .argument('<dir...>', 'directory with the journal segments; name all of them if the journal is spread over several')
    .action(async (directories: string[], options: JsonFlag) => {
      const { verify } = await import('./verify.ts');
      process.exitCode = verify(directories, options.json ?? false, out);
    });

  return root;
}
