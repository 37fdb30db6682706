import { z } from 'zod';

/** Fields that several steps and expectations share. Each message says what to write. */

const UNITS_MS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };
const DURATION = /^[+-]?\d+(\.\d+)?(ms|s|m|h|d)$/;
const A_DURATION = 'a duration such as 500ms, 2s, 1m or 3h';

/** A field that is read as text, though YAML may take it for a number or a flag. */
export function text(what: string, description: string) {
  return z
    .union([z.string().min(1), z.number(), z.boolean()], { error: what })
    .transform(String)
    .describe(description);
}

export function duration(description: string) {
  return z
    .string({ error: A_DURATION })
    .regex(/^\d+(\.\d+)?(ms|s|m|h|d)$/, { error: A_DURATION })
    .transform(durationMs)
    .describe(description);
}

/** With a sign: a clock is set forward or back. */
export function signedDuration(description: string) {
  const what = 'a duration with a sign, such as +1h or -90s';
  return z
    .string({ error: what })
    .regex(/^[+-]\d+(\.\d+)?(ms|s|m|h|d)$/, { error: what })
    .transform(durationMs)
    .describe(description);
}

function durationMs(written: string): number {
  if (!DURATION.test(written)) return Number.NaN;
  const [number = '0', unit = 'ms'] = written.split(/(?<=\d)(?=[a-z])/);
  return Number(number) * (UNITS_MS[unit] ?? Number.NaN);
}

/** `1.5 s`, `300 ms`, `2 min`. */
export function describeMs(ms: number): string {
  if (Math.abs(ms) < 1000) return `${Math.round(ms)} ms`;
  if (Math.abs(ms) < 120_000) return `${Number((ms / 1000).toFixed(2))} s`;
  return `${Number((ms / 60_000).toFixed(1))} min`;
}

export function whole(least: number, most: number, description: string) {
  const what = `a whole number from ${least} to ${most}`;
  return z.int({ error: what }).min(least, { error: what }).max(most, { error: what }).describe(description);
}

/** A share of all, 0 to 1. */
export function share(description: string) {
  const what = 'a share from 0 to 1, such as 0.05';
  return z.number({ error: what }).min(0, { error: what }).max(1, { error: what }).describe(description);
}

export function choice<const T extends readonly [string, ...string[]]>(choices: T, description: string) {
  return z.enum(choices, { error: `one of ${choices.join(', ')}` }).describe(description);
}

export function flag(description: string) {
  return z.boolean({ error: 'true or false' }).describe(description);
}

export const device = text('the id of a device in site.yaml', 'Device, by its id in site.yaml.');
export const input = text('the id of an input in site.yaml', 'Input, by its id in site.yaml.');
export const path = text('the id of a path in site.yaml', 'Path, by its id in site.yaml.');
export const button = text('the id or the number of a button', 'Button, by its id or number. Default: 0.');
