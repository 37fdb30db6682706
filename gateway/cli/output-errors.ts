import { terminalSafe } from './terminal-safe.ts';

/**
 * The reader of our output may stop early, as `head -1` does. The command then finishes its work,
 * prints nothing more and keeps its exit code. Any other fault of the output is reported on stderr,
 * with exit code 1.
 */
export function endQuietly(): void {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') return;
    process.stderr.write(`The output could not be written: ${terminalSafe(error.message)}\n`);
    process.once('exit', () => {
      process.exitCode = 1;
    });
  });
  // Nothing is left to report it on.
  process.stderr.on('error', () => undefined);
}
