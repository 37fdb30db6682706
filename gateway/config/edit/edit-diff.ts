import { withoutKeys } from '../read/mistake.ts';
import type { Splice } from './yaml-edits.ts';

const CONTEXT = 2;

interface Line {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/**
 * The lines that an edit replaces, with two lines around them: `-` and `+` before those that
 * change. What could be a key is left out.
 */
export function diffLines(before: string, splices: readonly Splice[]): string[] {
  const lines = linesOf(before);
  const hunks: { from: number; to: number; splices: Splice[] }[] = [];
  for (const splice of splices) {
    const from = indexAt(lines, splice.start);
    const to = indexAt(lines, splice.end);
    const last = hunks.at(-1);
    if (last !== undefined && from <= last.to) {
      last.to = Math.max(last.to, to);
      last.splices.push(splice);
    } else hunks.push({ from, to, splices: [splice] });
  }
  return hunks.flatMap(({ from, to, splices }) => hunkLines(before, lines, from, to, splices));
}

function hunkLines(before: string, lines: readonly Line[], from: number, to: number, splices: readonly Splice[]) {
  const start = lines[from]?.start ?? 0;
  const end = lines[to]?.end ?? before.length;
  let at = start;
  let changed = '';
  for (const splice of splices) {
    changed += before.slice(at, Math.max(at, splice.start)) + splice.text;
    at = Math.max(at, splice.end);
  }
  changed += before.slice(at, end);
  let old = lines.slice(from, to + 1).map(({ text }) => text);
  let fresh = changed === '' ? [] : changed.split(/\r?\n/);
  let head = 0;
  while (head < old.length && head < fresh.length && old[head] === fresh[head]) head += 1;
  let tail = 0;
  while (tail < Math.min(old.length, fresh.length) - head && old.at(-1 - tail) === fresh.at(-1 - tail)) tail += 1;
  old = old.slice(head, old.length - tail);
  fresh = fresh.slice(head, fresh.length - tail);
  const first = from + head;
  const around = (part: readonly Line[]) => part.map(({ text }) => `  ${text}`);
  const shown = [
    `@ line ${first + 1}`,
    ...around(lines.slice(Math.max(0, first - CONTEXT), first)),
    ...old.map((text) => `- ${text}`),
    ...fresh.map((text) => `+ ${text}`),
    ...around(lines.slice(first + old.length, first + old.length + CONTEXT)),
  ];
  return shown.map((line) => withoutKeys(line).trimEnd());
}

function linesOf(text: string): Line[] {
  const lines: Line[] = [];
  let start = 0;
  while (start <= text.length) {
    const newline = text.indexOf('\n', start);
    const next = newline < 0 ? text.length : newline;
    const end = newline > start && text[newline - 1] === '\r' ? newline - 1 : next;
    lines.push({ start, end, text: text.slice(start, end) });
    if (newline < 0) break;
    start = newline + 1;
  }
  return lines;
}

/** Index of the line that an offset is in; a line's end belongs to it. */
function indexAt(lines: readonly Line[], offset: number): number {
  let low = 0;
  let high = lines.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((lines[middle]?.start ?? 0) <= offset) low = middle;
    else high = middle - 1;
  }
  return low;
}
