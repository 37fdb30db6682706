/** Limits in ms for a wait whose duration depends on the speed of the machine. */
interface Patience {
  /** Longest time without progress. */
  readonly standstillMs: number;
  /** Longest time in total. */
  readonly longestMs: number;
  /** Interval between two messages about what is missing. */
  readonly tellMs: number;
}

const PATIENCE: Patience = { standstillMs: 30_000, longestMs: 600_000, tellMs: 10_000 };

const LOOK_MS = 500;

/**
 * Waits for as long as there is progress.
 * @param progress a value that changes with any progress
 * @param waiting called at intervals while it waits
 * @returns undefined if it gave up
 */
export async function whileProgressing<T>(
  work: Promise<T>,
  progress: () => number | string,
  waiting: () => void,
  { standstillMs, longestMs, tellMs }: Patience = PATIENCE,
): Promise<T | undefined> {
  let looks: NodeJS.Timeout | undefined;
  const gaveUp = new Promise<undefined>((resolve) => {
    let last = progress();
    // Counts polls, not time: if the machine also stopped this process, that is no standstill.
    let standstill = 0;
    let count = 0;
    looks = setInterval(() => {
      const now = progress();
      standstill = now === last ? standstill + 1 : 0;
      last = now;
      count += 1;
      if (standstill * LOOK_MS >= standstillMs || count * LOOK_MS >= longestMs) resolve(undefined);
      else if ((count * LOOK_MS) % tellMs === 0) waiting();
    }, LOOK_MS);
  });
  return Promise.race([work, gaveUp]).finally(() => clearInterval(looks));
}
