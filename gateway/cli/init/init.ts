import { randomBytes } from 'node:crypto';
import { join, resolve } from 'node:path';
import { CallpointError } from '../../../protocol/errors.ts';
import { firstMistakes, formatMistake } from '../../config/read/mistake.ts';
import { type Setup, setupFromFile } from '../../config/setup/answers.ts';
import { makeStarter } from '../../config/starter.ts';
import { installedDirectory } from '../site-options.ts';
import { writeFiles } from './write-files.ts';

type Print = (line: string) => void;

/** `callpoint init DIR`, without a person to ask: writes the starter, a site to edit. */
export function runInit(directory: string, out: Print): void {
  const { ignoresKeys } = writeFiles(directory, makeStarter(randomBytes));
  const site = join(directory, 'site.yaml');
  const edits = [
    `Edit ${site}: every line marked EDIT, then rooms, devices and zones.`,
    'Write each key into its wall node, and agree on the path key with the monitoring centre.',
  ];
  for (const line of [...written(directory), ...nextSteps(directory, edits)]) out(line);
  if (!ignoresKeys) out(ownIgnore(directory));
}

/**
 * `callpoint init DIR --answers FILE`.
 *
 * @throws CallpointError CONFIG_INVALID with every mistake and its place in the file
 */
export function runInitFrom(answers: string, directory: string, out: Print): void {
  const setup = setupFromFile(answers, randomBytes);
  for (const mistake of setup.mistakes.filter(({ severity }) => severity === 'warning')) out(formatMistake(mistake));
  writeSetup(setup, directory, out);
}

/** Writes what was set up, and says what to do next. */
export function writeSetup({ mistakes, files }: Setup, directory: string, out: Print): void {
  if (files === undefined) {
    const errors = mistakes.filter(({ severity }) => severity === 'error');
    const { shown, more } = firstMistakes(errors);
    const rest = more === 0 ? [] : [`… and ${more} more that are not shown`];
    const code = errors.every((each) => each.code === 'CONFIG_UNREADABLE') ? 'CONFIG_UNREADABLE' : 'CONFIG_INVALID';
    throw new CallpointError(code, [...shown.map(formatMistake), ...rest, 'Nothing was written.'].join('\n'));
  }
  const { ignoresKeys } = writeFiles(directory, files);
  const edits = ['Agree on the path keys in keys.yaml with the monitoring centre.'];
  for (const line of [...written(directory), ...nextSteps(directory, edits)]) out(line);
  if (!ignoresKeys) out(ownIgnore(directory));
}

function written(directory: string): string[] {
  const [site, keys] = [join(directory, 'site.yaml'), join(directory, 'keys.yaml')];
  const readers = isInstalled(directory) ? "readable by root and by the gateway's group only" : 'readable by you only';
  return [`Written: ${site} (the site), ${keys} (secret keys, ${readers})`];
}

/** The commands that a site needs next, in the order of use. */
function nextSteps(directory: string, first: readonly string[]): string[] {
  const installed = isInstalled(directory);
  // The gateway's socket and data are for its own user and for root.
  const callpoint = installed ? 'sudo callpoint' : 'callpoint';
  const commands = [
    // There, the commands find site.yaml and data by themselves.
    ...(installed || resolve(directory) === process.cwd() ? [] : [`cd ${directory}`]),
    `${callpoint} check`,
    `${callpoint} doctor`,
    installed ? 'sudo systemctl start callpoint' : 'callpoint run',
    `${callpoint} devices discover: press a button, then run the command that it shows`,
    `${callpoint} reload`,
    `${callpoint} walk-test start --scope site --watch: press every button once`,
  ];
  return ['Next:', ...[...first, ...commands].map((step, at) => `  ${at + 1}. ${step}`)];
}

/** The site of the installed package: systemd runs it. */
function isInstalled(directory: string): boolean {
  const installed = installedDirectory();
  return installed !== undefined && resolve(directory) === resolve(installed);
}

function ownIgnore(directory: string): string {
  return `If ${directory} is in git, keep the keys out of it: name keys.yaml in ${join(directory, '.gitignore')}.`;
}
