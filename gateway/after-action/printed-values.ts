import type { AlertMode, AlertOnPath, Spread, Step } from '../../protocol/after-action-document.ts';
import type { Cell } from '../print/printout.ts';

export const NOT_RECORDED: Cell = { text: 'not recorded', tone: 'unknown' };

export const MODE_NAMES: Readonly<Record<AlertMode, string>> = { live: 'real', drill: 'drill', test: 'test' };

/** `0.041 s`, `3.2 s`, `2 min 5 s`, `1 h 12 min`, `3 d 4 h`, which no line break tears apart. */
export function duration(ms: number): string {
  return durationText(ms).replaceAll(' ', NO_BREAK);
}

const NO_BREAK = '\u00A0';

function durationText(ms: number): string {
  if (ms < 1000) return `${(Math.max(0, ms) / 1000).toFixed(3)} s`;
  if (ms < 99_950) return `${(ms / 1000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1000);
  if (seconds < 3600) return joined(seconds, 60, 'min', 's');
  const minutes = Math.round(seconds / 60);
  if (minutes < 1440) return joined(minutes, 60, 'h', 'min');
  return joined(Math.round(minutes / 60), 24, 'd', 'h');
}

function joined(value: number, per: number, whole: string, part: string): string {
  const rest = value % per;
  return rest === 0 ? `${value / per} ${whole}` : `${Math.floor(value / per)} ${whole} ${rest} ${part}`;
}

/** `+0.041 s` */
export function afterPress({ after_ms }: Step): string {
  return after_ms === null ? 'time not known: the clock was set' : `+${duration(after_ms)}`;
}

export function spread(times: Spread | null): string {
  if (times === null) return '–';
  const { fastest, median, slowest } = times;
  if (fastest === slowest) return duration(fastest);
  return `${duration(fastest)} · ${duration(median)} · ${duration(slowest)}`;
}

export function counted(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}

const OUTCOMES: Readonly<Record<string, string>> = {
  wrongTime: 'the receiver refused our time',
  notUnderstood: 'the receiver did not understand it',
  unreachable: 'no answer',
  refused: 'refused',
  closed: 'connection closed',
  protocolError: 'wrong answer',
  noAddress: 'no address of the host',
};

/** "central: 2 attempts, first byte +0.003 s, acknowledged +0.041 s; no answer (1)" */
export function pathLine({ path, attempts, first_byte, acknowledged, handed_over, failures }: AlertOnPath): string {
  const ended = failures.map(({ outcome, count }) => `${OUTCOMES[outcome] ?? outcome}${count > 1 ? ` ×${count}` : ''}`);
  const steps = [
    counted(attempts, 'attempt'),
    `first byte ${first_byte === null ? 'not recorded' : afterPress(first_byte)}`,
    ...(handed_over === null ? [] : [`handed over ${afterPress(handed_over)}`]),
    ...(acknowledged === null ? [] : [`acknowledged ${afterPress(acknowledged)}`]),
    ...(acknowledged === null && handed_over === null ? ['not acknowledged'] : []),
    ...ended,
  ];
  return `${path}: ${steps.join(', ')}`;
}

/**
 * Who gave a command. `cli:` marks those of this machine; a reader of the report knows the person.
 */
export function commander(by: string): string {
  return by.startsWith('cli:') ? by.slice('cli:'.length) : by;
}
