import type { WallMs } from '../../protocol/clocks.ts';
import { isoTime } from '../../protocol/wall-time.ts';
import { type VerifyResult, verifyJournal } from '../journal/verify-journal.ts';
import { readAgain, refuseWithoutJournal } from './journal-place.ts';
import { jsonText } from './json-output.ts';
import { percent, startProgress } from './progress.ts';
import { localTime } from './terminal-text.ts';

/**
 * Proves that a journal or an exported copy is complete and unaltered. Names every problem, with
 * exit code 1.
 */
export function verify(directories: readonly string[], json: boolean, out: (line: string) => void): number {
  const result = resultOf(directories);
  if (result.segments === 0) refuseWithoutJournal(directories);
  if (json) {
    out(jsonText(verifyDocument(result)));
    return result.ok ? 0 : 1;
  }
  for (const problem of result.problems) out(`${problem.file}:${problem.lineNumber}: ${problem.text}`);
  for (const note of result.notes) out(`note: ${note}`);
  const { from, to, fromBeginning, chain } = result.proven;
  const verdict = result.ok ? 'Complete and unaltered' : 'NOT PROVEN';
  const start = fromBeginning ? 'the beginning' : `record ${from}`;
  out(
    `${verdict}: ${counted(result.records, 'record')} in ${counted(result.segments, 'segment')}, from ${start} to record ${to}${span(result)}`,
  );
  out(`Chain value of the last record: ${chain} (note it elsewhere: only it shows a journal whose end was cut off)`);
  return result.ok ? 0 : 1;
}

function verifyDocument({ firstAt, lastAt, proven, problems, ...result }: VerifyResult) {
  const { fromBeginning, chainBefore, ...part } = proven;
  return {
    ...result,
    ...(firstAt === undefined ? {} : { first_at: isoTime(firstAt) }),
    ...(lastAt === undefined ? {} : { last_at: isoTime(lastAt) }),
    proven: { ...part, from_beginning: fromBeginning, chain_before: chainBefore },
    problems: problems.map(({ lineNumber, ...problem }) => ({ ...problem, line: lineNumber })),
  };
}

function resultOf(directories: readonly string[]): VerifyResult {
  const progress = startProgress();
  const showPart = (done: number, all: number) => progress.show(`Reading the journal: ${percent(done, all)}`);
  try {
    return readAgain(directories, (there) => verifyJournal(there, showPart));
  } finally {
    progress.end();
  }
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}

function span({ firstAt, lastAt }: VerifyResult): string {
  return firstAt === undefined || lastAt === undefined ? '' : `, ${local(firstAt)} to ${local(lastAt)}`;
}

function local(at: WallMs): string {
  return localTime(isoTime(at), new Date());
}
