/**
 * Who reads our output may have read enough, as `head -1` has: the command then does its work to
 * the end, prints nothing more and keeps its exit code. Any other fault of the output is told on
 * stderr, with exit code 1.
 */
export function endQuietly(): void {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') return;
    process.stderr.write(`The output could not be written: ${error.message}\n`);
    process.once('exit', () => {
      process.exitCode = 1;
    });
  });
  // There is nowhere left to tell it.
  process.stderr.on('error', () => undefined);
}
