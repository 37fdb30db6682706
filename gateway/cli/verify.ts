import { verifyJournal } from '../journal/verify-journal.ts';

/** Proves a journal or an exported copy of one complete and unaltered. Exit code 1 with every problem named. */
export function verify(directory: string, json: boolean, out: (line: string) => void): number {
  const result = verifyJournal(directory);
  if (json) {
    out(JSON.stringify(result, undefined, 2));
    return result.ok ? 0 : 1;
  }
  for (const problem of result.problems) out(`${problem.file}:${problem.line}: ${problem.message}`);
  const span = result.firstAt === undefined ? 'no records' : `${result.firstAt} to ${result.lastAt}`;
  const words = result.ok ? 'complete and unaltered' : 'NOT PROVEN';
  out(`${words}: ${result.records} records in ${result.segments} segments, ${span}`);
  return result.ok ? 0 : 1;
}
