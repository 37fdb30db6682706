import { coloured, wrapped } from '../terminal-text.ts';
import type { Examined, Verdict } from './finding.ts';

const WORDS: Readonly<Record<Verdict, { readonly word: string; readonly colour: 'green' | 'yellow' | 'red' }>> = {
  ok: { word: 'ok', colour: 'green' },
  warning: { word: 'warning', colour: 'yellow' },
  problem: { word: 'PROBLEM', colour: 'red' },
  unknown: { word: 'unknown', colour: 'yellow' },
};
const WORD_WIDTH = 7;
const INDENT = WORD_WIDTH + 4;

/** Each finding with what to do, then how many there are of each kind. */
export function doctorText(examined: readonly Examined[], width: number): string[] {
  const lines = examined.flatMap(({ subject, findings }) =>
    findings.flatMap(({ verdict, text, remedy }) => {
      const { word, colour } = WORDS[verdict];
      const head = `  ${coloured(colour, word)}${' '.repeat(WORD_WIDTH - word.length)}  ${coloured('bold', subject)}: ${text}`;
      const advice = remedy === undefined ? [] : wrapped(`${' '.repeat(INDENT)}${remedy}`, width, INDENT);
      return [...wrapped(head, width, INDENT), ...advice];
    }),
  );
  return [...lines, '', summary(examined)];
}

function summary(examined: readonly Examined[]): string {
  const counts = countsOf(examined);
  const part = (count: number, one: string, many: string) =>
    count === 0 ? [] : [`${count} ${count === 1 ? one : many}`];
  return [
    ...part(counts.problem, 'problem', 'problems'),
    ...part(counts.warning, 'warning', 'warnings'),
    ...part(counts.unknown, 'unknown', 'unknown'),
    `${counts.ok} ok`,
  ].join(', ');
}

/** Number of findings of each kind. */
export function countsOf(examined: readonly Examined[]): Record<Verdict, number> {
  const counts: Record<Verdict, number> = { ok: 0, warning: 0, problem: 0, unknown: 0 };
  for (const { findings } of examined) for (const { verdict } of findings) counts[verdict] += 1;
  return counts;
}
