/** Longest time without progress. */
const STANDSTILL_MS = 30_000;
/** Longest time in total. */
const TOTAL_MS_MAX = 600_000;
/** Interval between two messages about what is missing. */
const TELL_MS = 10_000;
const LOOK_MS = 500;

/**
 * Waits for as long as there is progress: how long it takes depends on the speed of the machine.
 * @param progress a value that changes with any progress
 * @param waiting called at intervals while it waits
 * @param patience how many times as long as usual it may stand still
 * @returns undefined if it gave up
 */
export async function whileProgressing<T>(
  work: Promise<T>,
  progress: () => number | string,
  waiting: () => void,
  patience: number,
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
      if (standstill * LOOK_MS >= STANDSTILL_MS * patience || count * LOOK_MS >= TOTAL_MS_MAX) resolve(undefined);
      else if ((count * LOOK_MS) % TELL_MS === 0) waiting();
    }, LOOK_MS);
  });
  return Promise.race([work, gaveUp]).finally(() => clearInterval(looks));
}
