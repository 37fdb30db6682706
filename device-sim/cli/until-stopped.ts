const STOPS = ['SIGTERM', 'SIGINT', 'SIGHUP'] as const;

/** @param over another end, besides signals */
export type UntilStopped = (stop: () => void | Promise<void>, over?: Promise<void>) => void;

/**
 * Runs `stop` once, at a signal or when nothing reads the output any more, then lets the process
 * end. If a defect ends the process, only the synchronous part of `stop` runs.
 */
export function untilStopped(
  stop: () => void | Promise<void>,
  nobodyReads: Promise<void>,
  over: Promise<void> = new Promise(() => undefined),
): void {
  let isStopping = false;
  const once = () => {
    if (isStopping) return;
    isStopping = true;
    process.off('exit', once);
    for (const signal of STOPS) process.off(signal, once);
    Promise.resolve(stop()).catch((error: unknown) => {
      process.stderr.write(`${String(error)}\n`);
      process.exitCode = 1;
    });
  };
  process.once('exit', once);
  for (const signal of STOPS) process.on(signal, once);
  void nobodyReads.then(once);
  void over.then(once);
}
