import type { ChildProcess } from 'node:child_process';

/** Ends a child with the bench, however that ends. */
export function endWithBench(child: ChildProcess): void {
  const end = () => void child.kill('SIGKILL');
  process.once('exit', end);
  child.once('exit', () => process.off('exit', end));
}

/** A bench that is interrupted ends, and its children with it. */
export function endOnSignals(): void {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));
}
