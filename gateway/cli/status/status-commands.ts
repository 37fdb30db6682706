import { dirname, join } from 'node:path';
import type { Command } from 'commander';
import { CallpointError, messageOf } from '../../../protocol/errors.ts';
import { overallState, type StatusDocument } from '../../../protocol/status-document.ts';
import type { BackupState } from '../backup/last-backup.ts';
import { describeCommand, type Prose } from '../help.ts';
import { failureJson, type JsonFlag, jsonOption, jsonText } from '../json-output.ts';
import { dataDirectory, type SiteOptions, siteOptions } from '../site-options.ts';
import { type TextOptions, terminalWidth } from '../terminal-text.ts';
import { deviceLines } from './device-lines.ts';
import { backupLines, drillLines, statusNews, statusText, troubleLines, updateLines } from './status-text.ts';

type Print = (line: string) => void;

type JsonOptions = SiteOptions & JsonFlag;

const WATCH_MS = 2000;
const ACCESS = 'The gateway must be running. Only the user it runs as and root may ask it.';

const ABOUT_STATUS: Prose = {
  about: [ACCESS],
  exitCodes: [
    ['0', 'all is well'],
    ['1', 'a trouble stands, or no gateway answers'],
    ['2', 'called with arguments that do not fit'],
    ['3', 'the gateway is still starting'],
  ],
  examples: [
    ['callpoint status --watch', ''],
    ['callpoint status --json', 'for monitoring: the exit code says it as well'],
  ],
  seeAlso: ['troubles', 'devices', 'doctor'],
};

/** Questions to a running gateway. They change nothing. */
export function addStatusCommands(root: Command, out: Print): void {
  describeCommand(jsonOption(siteOptions(root.command('status'))), ABOUT_STATUS)
    .description('show how the running gateway is: what is wrong first, and what to do about it')
    .option('--watch', 'live until Ctrl-C; with --json one object in each line, every 2 s')
    .action(async (options: JsonOptions & { watch?: boolean }) => {
      const status = await (options.watch ? watched(options, out) : shown(options, withMachine, out, isWell));
      process.exitCode = EXIT[overallState(status)];
    });
  addList(root, 'troubles', 'list the troubles that stand, with what to do about each', out, (status, options) =>
    orElse(troubleLines(status, options), 'No trouble stands.'),
  );
}

/** @returns the command that lists the devices, for the commands below it */
export function addDevicesList(root: Command, out: Print): Command {
  return addList(
    root,
    'devices',
    'list every device, the urgent ones first: state, battery, when it was last heard',
    out,
    (status, options) => orElse(deviceLines(status.devices, options), NO_DEVICES),
  );
}

export function addDrillStatus(drill: Command, out: Print): void {
  addList(drill, 'status', 'list the drills that run', out, (status, options) =>
    orElse(drillLines(status, options), 'No drill runs.'),
  );
}

/** It goes on when the gateway stops and starts again. */
async function watched(options: JsonOptions, out: Print): Promise<StatusDocument> {
  const { watchLive } = await import('../watch.ts');
  const { askQuestion } = await import('../../control/ask-gateway.ts');
  const ask = async () => ({
    status: await askQuestion(dataDirectory(options), 'status'),
    machine: await machineOf(options),
    now: new Date(),
  });
  type Seen = Awaited<ReturnType<typeof ask>>;
  const { json: isForPrograms = false } = options;
  const text = ({ status, machine, now }: Seen, width: number) => withMachine(status, { width, now }, machine);
  const { last, wasDrawn } = await watchLive(
    {
      everyMs: WATCH_MS,
      ask,
      screen: (seen, { width }) => text(seen, width),
      news: (seen, width) => (isForPrograms ? jsonLine(seen) : statusNews(seen.status, { width, now: seen.now })),
      lost: (error) => (isForPrograms ? lostJson(error) : `No answer: ${messageOf(error)}`),
      isForPrograms,
    },
    out,
  );
  if (wasDrawn) for (const line of text(last, terminalWidth())) out(line);
  return last.status;
}

function jsonLine({ status, machine, now }: { readonly status: StatusDocument; machine: MachineState; now: Date }) {
  return { key: now.toISOString(), text: JSON.stringify({ ok: isWell(status), ...status, ...machine }) };
}

function lostJson(error: unknown): string {
  return failureJson(error instanceof CallpointError ? error.code : 'GATEWAY_UNREACHABLE', messageOf(error));
}

function isWell(status: StatusDocument): boolean {
  return overallState(status) === 'ok';
}

const NO_DEVICES =
  'The running gateway has no devices. callpoint devices discover finds new ones; callpoint reload takes those of a changed site.yaml up.';

const EXIT = { ok: 0, trouble: 1, starting: 3 } as const;

function addList(parent: Command, name: string, about: string, out: Print, text: Text): Command {
  return describeCommand(jsonOption(siteOptions(parent.command(name))), { about: [ACCESS], seeAlso: ['status'] })
    .description(about)
    .action(async (options: JsonOptions) => {
      await shown(options, text, out);
    });
}

type Text = (status: StatusDocument, options: TextOptions, machine: MachineState) => string[];

/** What not the gateway but this machine knows of it. */
interface MachineState {
  readonly backup: BackupState;
  /** The release on trial, for a person; none: there is none. */
  readonly update: readonly string[];
}

/** A file beside the journal, and the releases say it. */
async function machineOf(options: JsonOptions): Promise<MachineState> {
  const { onTrialLines } = await import('../update/update-status.ts');
  return { backup: await backupOf(options), update: await onTrialLines() };
}

async function backupOf(options: JsonOptions): Promise<BackupState> {
  const { backupState, changedMs, lastBackup } = await import('../backup/last-backup.ts');
  const files = [options.config, join(dirname(options.config), 'keys.yaml')];
  return backupState(await lastBackup(dataDirectory(options)), Date.now(), await changedMs(files));
}

function withMachine(status: StatusDocument, options: TextOptions, { backup, update }: MachineState): string[] {
  const { width } = options;
  return [...statusText(status, options), ...updateLines(update, width), ...backupLines(backup, width)];
}

async function shown(
  options: JsonOptions,
  text: Text,
  out: Print,
  isOk: (status: StatusDocument) => boolean = () => true,
): Promise<StatusDocument> {
  const { askQuestion } = await import('../../control/ask-gateway.ts');
  const status = await askQuestion(dataDirectory(options), 'status');
  const machine = await machineOf(options);
  if (options.json) out(jsonText({ ok: isOk(status), ...status, ...machine }));
  else for (const line of text(status, { width: terminalWidth(), now: new Date() }, machine)) out(line);
  return status;
}

function orElse(lines: string[], otherwise: string): string[] {
  return lines.length > 0 ? lines : [otherwise];
}
