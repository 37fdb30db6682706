const STOPS = ['SIGTERM', 'SIGINT', 'SIGHUP'] as const;
/**
 * A shell and the kernel both say that a terminal is gone, and `npm run` passes Ctrl-C on to a
 * process that has it already. A signal this soon after the first is not a second one, ms.
 */
const SAME_ORDER_MS = 500;
const EXIT_UNCLEAN = 1;

/** @param over another end, besides signals */
export type UntilStopped = (stop: () => void | Promise<void>, over?: Promise<void>) => void;

/**
 * Resolves at the first signal that ends a process. A later one ends it at once, but for a terminal
 * that is gone.
 */
export function firstSignal(): Promise<void> {
  return new Promise((resolve) => {
    let firstMs: number | undefined;
    const take = (signal: NodeJS.Signals) => {
      firstMs ??= performance.now();
      resolve();
      if (signal !== 'SIGHUP' && performance.now() - firstMs > SAME_ORDER_MS) process.exit(EXIT_UNCLEAN);
    };
    for (const signal of STOPS) process.on(signal, take);
  });
}

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
    Promise.resolve(stop()).catch((error: unknown) => {
      process.stderr.write(`${String(error)}\n`);
      process.exitCode = 1;
    });
  };
  process.once('exit', once);
  void Promise.race([firstSignal(), nobodyReads, over]).then(once);
}
