import type { WallMs } from './clocks.ts';
import { parseScope, SCOPE_FORMS } from './drill-scope.ts';
import { TESTER_LENGTH_MAX, WALK_TEST_MINUTES, type WalkTestCommand } from './walk-test-command.ts';
import { wallMsOf } from './wall-time.ts';

/** Control, formatting and line-separating characters. */
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u;
const OUTPUT = /^[a-z0-9][a-z0-9-]{0,31}$/;
const TIME = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.(\d{1,3}))?Z$/;

interface Sender {
  readonly reason: string;
  readonly by: string;
}

/**
 * Reads the fields of a command about the walk test. Never throws, whatever was sent.
 * @returns what is wrong with them, as a text
 */
export function readWalkTest(fields: Readonly<Record<string, unknown>>, sender: Sender): WalkTestCommand | string {
  const { action, output } = fields;
  if (action === 'start') return readStart(fields, sender);
  if (action === 'stop') return { command: 'walk-test', action, ...sender };
  if (action !== 'show' && action !== 'tick') return '"action" must be start, stop, show or tick';
  if (typeof output !== 'string' || !OUTPUT.test(output)) return '"output" must be the id of an output';
  return { command: 'walk-test', action, output, ...sender };
}

function readStart({ scope, minutes, tester, at }: Readonly<Record<string, unknown>>, sender: Sender) {
  const { least, most } = WALK_TEST_MINUTES;
  if (typeof scope !== 'string' || parseScope(scope) === undefined) return `"scope" must be ${SCOPE_FORMS}`;
  if (typeof minutes !== 'number' || !Number.isInteger(minutes) || minutes < least || minutes > most) {
    return `"minutes" must be a whole number from ${least} to ${most}`;
  }
  const fault = testerFault(tester);
  if (fault !== undefined || typeof tester !== 'string') return `"tester" ${fault}`;
  const atMs = typeof at === 'string' ? readTime(at) : undefined;
  if (atMs === undefined) return '"at" must be the time of the command, as 2026-11-28T14:05:00Z';
  return { command: 'walk-test', action: 'start', scope, minutes, tester, at: atMs, ...sender } as const;
}

/** @returns the fault as text to follow the field's name; undefined: it names a person */
export function testerFault(tester: unknown): string | undefined {
  if (typeof tester !== 'string' || tester.trim() === '') return 'must name who tests';
  if (tester.length > TESTER_LENGTH_MAX) return `is longer than ${TESTER_LENGTH_MAX} characters`;
  return UNPRINTABLE.test(tester) ? 'holds control characters' : undefined;
}

function readTime(text: string): WallMs | undefined {
  const [, ...parts] = TIME.exec(text) ?? [];
  if (parts.length === 0) return undefined;
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = parts.slice(0, 6).map(Number);
  const isDate = month >= 1 && month <= 12 && day >= 1 && day <= 31 && hour < 24 && minute < 60 && second < 60;
  if (!isDate) return undefined;
  const millisecond = Number((parts[6] ?? '0').padEnd(3, '0'));
  return wallMsOf({ year, month, day, hour, minute, second, millisecond }) as WallMs;
}
