import type { Command } from 'commander';
import { addAlertsCommand } from './alerts-command.ts';
import { addBackupCommands } from './backup/backup-command.ts';
import { addCompletionCommand } from './completion/completion-command.ts';
import { addDevicesCommands } from './devices/devices-commands.ts';
import { addKeysCommands } from './devices/keys-commands.ts';
import { addTableCommands } from './devices/table-commands.ts';
import { addDiscoverCommand } from './discover/discover-command.ts';
import { addDoctorCommand } from './doctor/doctor-command.ts';
import { describeCommand, type Prose } from './help.ts';
import { addHelpCommand } from './help-command.ts';
import { addInitCommand } from './init/init-command.ts';
import { type JsonFlag, jsonOption } from './json-output.ts';
import { addNodeCommands } from './node/node-command.ts';
import { addOperatorCommands } from './operator-commands.ts';
import { addRecordCommand } from './record/record-command.ts';
import { addReloadCommand } from './reload/reload-command.ts';
import { addReportCommand } from './report/report-command.ts';
import { addRestartCommand } from './restart-command.ts';
import { addRunCommand, emptyProgram } from './run-command.ts';
import { addSettingsCommand } from './settings/settings-command.ts';
import { dataDirectory, type SiteOptions, siteOptions } from './site-options.ts';
import { addDevicesList, addStatusCommands } from './status/status-commands.ts';
import { jsonSafe } from './terminal-safe.ts';
import { terminalLines } from './terminal-text.ts';
import { addUpdateCommand } from './update/update-command.ts';
import { addWalkTestCommands } from './walk-test/walk-test-command.ts';

// Each command's code is loaded on demand: a gateway that runs for years keeps no parser in memory.

type Print = (line: string) => void;

const printedFor =
  (isJson: boolean): Print =>
  (text) => {
    const lines = isJson ? [jsonSafe(text)] : terminalLines(text);
    process.stdout.write(`${lines.join('\n')}\n`);
  };

const ABOUT_CHECK: Prose = {
  about: [
    'It reads the configuration, the keys and the certificates as the gateway would, reports every mistake with its file, line and what to write instead, and changes none of these files.',
  ],
  exitCodes: [
    ['0', 'the gateway would start and keep its records; there may be warnings'],
    ['1', 'it would not'],
    ['2', 'called with arguments that do not fit'],
  ],
  examples: [
    ['callpoint check --config site.yaml', ''],
    ['callpoint check --explain z-102', 'what a profile fills in for one MQTT device'],
  ],
  seeAlso: ['settings', 'doctor'],
};

const ABOUT_VERIFY: Prose = {
  about: [
    'The hash chain proves that no record was altered, removed or put in. Only a chain value noted elsewhere shows a journal whose end was cut off. The gateway may be running.',
  ],
  exitCodes: [
    ['0', 'complete and unaltered'],
    ['1', 'not proven: each problem is listed with its file and line'],
    ['2', 'called with arguments that do not fit'],
  ],
  examples: [['callpoint verify data/journal', '']],
  seeAlso: ['alerts'],
};

/**
 * The commands of `callpoint`. `--help` lists them in this order.
 *
 * @param isJson a program reads what they print
 */
export function program(isJson = false): Command {
  const out = printedFor(isJson);
  const root = emptyProgram();

  root.commandsGroup('Install:');
  addInitCommand(root, out);
  addCheckCommand(root, out);
  addSettingsCommand(root, out);
  const devices = addDevicesList(root, out);
  addDevicesCommands(devices, out);
  addDiscoverCommand(devices, out);
  addTableCommands(devices, out);
  addKeysCommands(root, out);
  addNodeCommands(root, out);
  addWalkTestCommands(root, out);
  addDoctorCommand(root, out);
  addBackupCommands(root, out);
  addUpdateCommand(root, out);

  root.commandsGroup('Watch:');
  addStatusCommands(root, out);
  addAlertsCommand(root, out);

  root.commandsGroup('Operate:');
  addRunCommand(root);
  addOperatorCommands(root, out);
  addReloadCommand(root, out);
  addRestartCommand(root, out);

  root.commandsGroup('Records:');
  addReportCommand(root, out);
  addRecordCommand(root, out);
  addVerifyCommand(root, out);

  root.commandsGroup('Help:');
  addHelpCommand(root);
  addCompletionCommand(root);
  return root;
}

function addCheckCommand(root: Command, out: Print): void {
  describeCommand(jsonOption(siteOptions(root.command('check'))), ABOUT_CHECK)
    .description('find every mistake in the configuration')
    .option('--explain [device]', 'show MQTT devices with all that their profiles and the defaults fill in')
    .option('--keep', 'leave the accepted settings in the data directory, for the first start of this version')
    .action(async (options: SiteOptions & JsonFlag & { explain?: string | true; keep?: boolean }) => {
      const { config, json = false, explain, keep = false } = options;
      const [{ runCheck }, { keepSettings }] = await Promise.all([import('./check.ts'), import('./keep-settings.ts')]);
      const data = dataDirectory(options);
      const more = {
        ...(explain !== undefined && { explain }),
        ...(keep && { kept: await keepSettings(config, data) }),
      };
      process.exitCode = runCheck({ config, data, json, ...more }, out);
    });
}

function addVerifyCommand(root: Command, out: Print): void {
  describeCommand(jsonOption(root.command('verify')), ABOUT_VERIFY)
    .description('prove that a journal or a copy of one is complete and unaltered')
    .argument('<dir...>', 'directory with the journal segments; name all of them if the journal is spread over several')
    .action(async (directories: string[], options: JsonFlag) => {
      const { verify } = await import('./verify.ts');
      process.exitCode = verify(directories, options.json ?? false, out);
    });
}
