/**
 * Resolves when nothing more can be printed: who read our output has read enough, as `head -1` has,
 * or the disk it goes to is full. Until then, and afterwards, printing throws nothing.
 */
export function outputEnd(): Promise<void> {
  // There is nowhere left to tell it.
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
