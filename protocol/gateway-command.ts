import { parseScope, SCOPE_FORMS } from './drill-scope.ts';
import { readWalkTest } from './read-walk-test.ts';
import type { WalkTestCommand } from './walk-test-command.ts';

/**
 * A command of an operator to the gateway: over MQTT on `cmd/<name>`, where a retained message is
 * never obeyed, or at the control socket.
 */
export type GatewayCommand = AlertCommand | EnrolCommand | DrillCommand | CanaryCommand | WalkTestCommand;

interface AlertCommand {
  readonly command: 'resolve' | 'cancel';
  readonly alert: string;
  readonly reason: string;
  /**
   * The sender: the MQTT client's authenticated user name, or `cli:` and the name from the command
   * line. The gateway sets it and ignores a claim in the payload.
   */
  readonly by: string;
}

/**
 * Accepts a device's counter from its lowest value. The counter starts again there after a battery
 * change.
 */
interface EnrolCommand {
  readonly command: 'enrol';
  readonly device: string;
  /** Number of minutes in which the device may start again, 1…60. */
  readonly minutes: number;
  readonly reason: string;
  /** As for `AlertCommand`. */
  readonly by: string;
}

interface DrillCommand {
  readonly command: 'drill';
  readonly action: 'start' | 'stop';
  /** As in `DrillDocument`. */
  readonly scope: string;
  /** Duration in minutes, 1…240; 0 with `stop`. */
  readonly minutes: number;
  readonly reason: string;
  /** As for `AlertCommand`. */
  readonly by: string;
}

/** Presses the canary now. */
interface CanaryCommand {
  readonly command: 'canary';
  readonly reason: string;
  /** As for `AlertCommand`. */
  readonly by: string;
}

/**
 * Longest command accepted, in bytes of UTF-8: an MQTT payload, or a line at the control socket.
 */
export const COMMAND_BYTES_MAX = 4096;
export const DRILL_MINUTES = { least: 1, most: 240 } as const;
export const ENROL_MINUTES = { least: 1, most: 60, usual: 5 } as const;
/** Stands for every running drill in place of a scope. It can only stop them. */
export const ALL_DRILLS = 'all';

const REASON_LENGTH_MAX = 500;
/** Longest id of an alert or a device. */
const ID = /^[A-Za-z0-9._-]{1,128}$/;
/**
 * Control, formatting and line-separating characters. They are refused because a reason appears in
 * logs and on displays.
 */
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u;

export type CommandResult =
  | { readonly ok: true; readonly command: GatewayCommand }
  | { readonly ok: false; readonly reason: string };

/** A command as received, unchecked. */
export interface CommandFields {
  readonly [name: string]: unknown;
}

type CommandName = GatewayCommand['command'];
const NAMES: readonly CommandName[] = ['resolve', 'cancel', 'enrol', 'drill', 'canary', 'walk-test'];

/** @returns undefined if it is not a JSON object; never throws */
export function parseFields(text: string): CommandFields | undefined {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
    return value as CommandFields;
  } catch {
    return undefined; // not JSON: the caller says so
  }
}

/**
 * Checks a command from any source. Never throws, whatever was sent.
 * @param by the sender; a claim in the fields is ignored
 */
export function readCommand(name: unknown, fields: CommandFields, by: string): CommandResult {
  const known = NAMES.find((each) => each === name);
  if (known === undefined) return refused(`no such command; there are ${NAMES.join(', ')}`);
  const { reason } = fields;
  const fault = reasonFault(reason);
  if (fault !== undefined || typeof reason !== 'string') return refused(`"reason" ${fault}`);
  const who = { reason, by };
  switch (known) {
    case 'resolve':
    case 'cancel':
      return alertCommand(known, fields, who);
    case 'enrol':
      return enrolCommand(fields, who);
    case 'drill':
      return drillCommand(fields, who);
    case 'walk-test': {
      const read = readWalkTest(fields, who);
      return typeof read === 'string' ? refused(read) : { ok: true, command: read };
    }
    case 'canary':
      return { ok: true, command: { command: 'canary', ...who } };
  }
}

/** Returns true if the text has the form of an alert's or a device's id. */
export function isId(text: unknown): text is string {
  return typeof text === 'string' && ID.test(text);
}

/**
 * @returns the fault as text to follow the field's name; undefined if the journal and displays may
 * show it
 */
export function reasonFault(reason: unknown): string | undefined {
  if (typeof reason !== 'string' || reason.trim() === '') return 'must say why, in words';
  if (reason.length > REASON_LENGTH_MAX) return `is longer than ${REASON_LENGTH_MAX} characters`;
  return isPrintable(reason) ? undefined : 'holds control characters';
}

export function isPrintable(text: string): boolean {
  return !UNPRINTABLE.test(text);
}

interface Who {
  readonly reason: string;
  readonly by: string;
}

function alertCommand(command: 'resolve' | 'cancel', { alert }: CommandFields, who: Who): CommandResult {
  if (!isId(alert)) return refused('"alert" must be the id of an alert');
  return { ok: true, command: { command, alert, ...who } };
}

function enrolCommand({ device, minutes = ENROL_MINUTES.usual }: CommandFields, who: Who): CommandResult {
  if (!isId(device)) return refused('"device" must be the id of a device');
  if (!isWithin(minutes, ENROL_MINUTES)) return refusedMinutes(ENROL_MINUTES);
  return { ok: true, command: { command: 'enrol', device, minutes, ...who } };
}

/** A start needs a place and a duration. A stop without a scope ends all drills. */
function drillCommand({ action, scope, minutes }: CommandFields, who: Who): CommandResult {
  if (action === 'stop') {
    const which = scope ?? ALL_DRILLS;
    if (which !== ALL_DRILLS && !isScope(which)) return refused(`"scope" must be ${ALL_DRILLS}, ${SCOPE_FORMS}`);
    return { ok: true, command: { command: 'drill', action, scope: which, minutes: 0, ...who } };
  }
  if (action !== 'start') return refused('"action" must be start or stop');
  if (!isScope(scope)) return refused(`"scope" must be ${SCOPE_FORMS}`);
  if (!isWithin(minutes, DRILL_MINUTES)) return refusedMinutes(DRILL_MINUTES);
  return { ok: true, command: { command: 'drill', action, scope, minutes, ...who } };
}

function isScope(scope: unknown): scope is string {
  return typeof scope === 'string' && parseScope(scope) !== undefined;
}

interface Limits {
  readonly least: number;
  readonly most: number;
}

export function isWithin(minutes: unknown, { least, most }: Limits): minutes is number {
  return typeof minutes === 'number' && Number.isInteger(minutes) && minutes >= least && minutes <= most;
}

function refusedMinutes({ least, most }: Limits): CommandResult {
  return refused(`"minutes" must be a whole number from ${least} to ${most}`);
}

function refused(reason: string): CommandResult {
  return { ok: false, reason };
}
