import { type Command, InvalidArgumentError } from 'commander';
import { parseScope, SCOPE_FORMS } from '../../protocol/drill-scope.ts';
import { CallpointError } from '../../protocol/errors.ts';
import {
  ALL_DRILLS,
  type CommandFields,
  DRILL_MINUTES,
  ENROL_MINUTES,
  isId,
  isWithin,
  reasonFault,
} from '../../protocol/gateway-command.ts';
import { ACCESS, describeCommand, type Prose } from './help.ts';
import { type JsonFlag, jsonOption, printAnswer } from './json-output.ts';
import { person } from './person.ts';
import { dataDirectory, type SiteOptions, siteOptions } from './site-options.ts';
import { addDrillStatus } from './status/status-commands.ts';

interface ReasonOptions extends SiteOptions, JsonFlag {
  readonly reason: string;
}

const DRILLS_IN_SHORT =
  "Presses outside a drill's scope stay real. So do presses in the patterns that drills.override in site.yaml lists.";

type Print = (line: string) => void;

/** The commands for a running gateway. */
export function addOperatorCommands(root: Command, out: Print): void {
  const drill = describeCommand(root.command('drill'), { about: [DRILLS_IN_SHORT] }).description(
    "start and stop drills: presses within a drill's scope are reported as drills, not as alarms",
  );
  addDrillStart(drill, out);
  addDrillStatus(drill, out);
  addDrillStop(drill, out);
  addClosing(root, out, {
    name: 'cancel',
    description: 'cancel an alert that was raised in error, and tell the receivers',
    example: 'callpoint cancel wb-101.1795311296.4 --reason "leant on the button"',
  });
  addClosing(root, out, {
    name: 'resolve',
    description: 'resolve an alert that has been dealt with, and tell the receivers',
    example: 'callpoint resolve wb-101.1795311296.4 --reason "police were here"',
  });
  addEnrol(root, out);
  addCanary(root, out);
}

function addDrillStart(drill: Command, out: Print): void {
  const minutes = `required: minutes until the drill ends, ${range(DRILL_MINUTES)}`;
  const about = [DRILLS_IN_SHORT, 'Tell the monitoring centre before you start one.'];
  const example = 'callpoint drill start --scope building:A --minutes 15 --reason "autumn drill"';
  commandFor(drill, 'start', { about, examples: [[example, '']], seeAlso: ['drill stop', 'drill status'] })
    .description('start a drill: until it ends, presses within its scope are reported as drills')
    .requiredOption('--scope <scope>', `required: ${SCOPE_FORMS}`, scopeText)
    .requiredOption('--minutes <n>', minutes, minutesWithin(DRILL_MINUTES))
    .option('--reason <text>', 'why, for the journal and the displays', reasonText, 'drill')
    .action(async (options: ReasonOptions & { scope: string; minutes: number }) => {
      const { scope, minutes, reason } = options;
      await ask(options, { command: 'drill', action: 'start', scope, minutes, reason }, out);
    });
}

function addDrillStop(drill: Command, out: Print): void {
  commandFor(drill, 'stop', { examples: [['callpoint drill stop', '']], seeAlso: ['drill start', 'drill status'] })
    .description('end drills now: every press is real again')
    .option('--scope <scope>', `the scope of the drill, or ${ALL_DRILLS}`, scopeOrAll, ALL_DRILLS)
    .option('--reason <text>', 'why, for the journal and the displays', reasonText, 'drill over')
    .action(async (options: ReasonOptions & { scope: string }) => {
      const { scope, reason } = options;
      await ask(options, { command: 'drill', action: 'stop', scope, reason }, out);
    });
}

function addEnrol(root: Command, out: Print): void {
  const { usual } = ENROL_MINUTES;
  const about = [
    'Stand at the tag, enrol it, then press it. Until the minutes are over, the gateway could accept a recording of the tag.',
    'Do not enrol a replaced wall node. It needs a new key in keys.yaml.',
  ];
  commandFor(root, 'enrol', { about, examples: [['callpoint enrol tag-105 --reason "new battery"', '']] })
    .description('accept an encrypted Bluetooth tag that is new, or whose counter started again after a battery change')
    .argument('<device>', "the tag's id in the configuration", deviceId)
    .option(
      '--minutes <n>',
      `minutes during which the gateway accepts it, ${range(ENROL_MINUTES)}`,
      minutesWithin(ENROL_MINUTES),
      usual,
    )
    .requiredOption('--reason <text>', 'required: why, for the journal', reasonText)
    .action(async (device: string, options: ReasonOptions & { minutes: number }) => {
      const { minutes, reason } = options;
      await ask(options, { command: 'enrol', device, minutes, reason }, out);
    });
}

function addCanary(root: Command, out: Print): void {
  const about = [
    'The site needs a canary with an output (canary: in site.yaml). The receivers see a test, not an alarm.',
  ];
  commandFor(root, 'canary', { about, examples: [['callpoint canary', '']] })
    .description('press the canary now: a test of everything from the input to the receivers')
    .option('--reason <text>', 'why, for the journal', reasonText, 'by hand')
    .action(({ reason, ...options }: ReasonOptions) => ask(options, { command: 'canary', reason }, out));
}

interface Closing {
  readonly name: 'cancel' | 'resolve';
  readonly description: string;
  readonly example: string;
}

function addClosing(root: Command, out: Print, { name, description, example }: Closing): void {
  commandFor(root, name, { examples: [[example, '']], seeAlso: ['alerts'] })
    .description(description)
    .argument('<alert>', 'id of the alert; callpoint alerts lists them', alertId)
    .requiredOption('--reason <text>', 'required: why, for the journal and the receivers', reasonText)
    .action(async (alert: string, options: ReasonOptions) => {
      await ask(options, { command: name, alert, reason: options.reason }, out);
    });
}

/** @throws CallpointError GATEWAY_UNREACHABLE, COMMAND_REFUSED */
async function ask(options: SiteOptions & JsonFlag, command: CommandFields, out: Print): Promise<void> {
  const { askGateway } = await import('../control/ask-gateway.ts');
  const { ok, text } = await askGateway(dataDirectory(options), { ...command, by: person() });
  if (!ok) throw new CallpointError('COMMAND_REFUSED', `Refused: ${text}`);
  printAnswer(options, { text, ...command }, out);
}

/** A command to a running gateway. */
export function commandFor(parent: Command, name: string, prose: Prose): Command {
  const { about = [], ...more } = prose;
  const command = jsonOption(siteOptions(parent.command(name)));
  return describeCommand(command, { ...more, about: [...about, ACCESS] });
}

export function range({ least, most }: { readonly least: number; readonly most: number }): string {
  return `${least} to ${most}`;
}

export function minutesWithin(limits: { readonly least: number; readonly most: number }): (text: string) => number {
  return (text) => {
    const minutes = /^\d+$/.test(text) ? Number(text) : undefined;
    if (isWithin(minutes, limits)) return minutes;
    throw new InvalidArgumentError(`It must be a whole number from ${range(limits)}.`);
  };
}

export function scopeText(text: string): string {
  if (parseScope(text) !== undefined) return text;
  throw new InvalidArgumentError(`It must be ${SCOPE_FORMS}.`);
}

function scopeOrAll(text: string): string {
  return text === ALL_DRILLS ? text : scopeText(text);
}

function alertId(text: string): string {
  if (isId(text)) return text;
  throw new InvalidArgumentError(
    'It must be the id of an alert, such as wb-101.1795311296.4; callpoint alerts lists them.',
  );
}

function deviceId(text: string): string {
  if (isId(text)) return text;
  throw new InvalidArgumentError('It must be the id of a device, as in site.yaml.');
}

export function reasonText(text: string): string {
  const fault = reasonFault(text);
  if (fault === undefined) return text;
  throw new InvalidArgumentError(`It ${fault}.`);
}
