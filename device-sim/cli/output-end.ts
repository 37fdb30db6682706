/**
 * Resolves when nothing more can be printed: the reader has closed the pipe, as `head -1` does, or
 * the disk is full. Printing throws nothing before or after that.
 */
export function outputEnd(): Promise<void> {
  // There is nowhere left to report it.
  process.stderr.on('error', () => undefined);
  return new Promise((resolve) => {
    process.stdout.on('error', (error: NodeJS.ErrnoException) => {
      resolve();
      if (error.code === 'EPIPE') return;
      process.stderr.write(`The output could not be written: ${error.message}\n`);
      process.once('exit', () => {
        process.exitCode = 1;
      });
    });
  });
}
