import { expect, test } from 'vitest';
import { makeCrashBuild } from './crash-build.ts';
import { FAILPOINT_PATCHES } from './failpoint-patches.ts';
import { FAILPOINTS } from './failpoints.ts';
import { runCrashes } from './run.ts';

/** A death takes a second. CI has a step of its own that dies at each failpoint. */
const STRIDE = 16;
const WITHIN_MS = 240_000;

test('kill -9 at some failpoints loses no press, displays none twice, undoes nothing that was answered; npm run test:crash kills more often', {
  timeout: WITHIN_MS,
}, async () => {
  const build = await makeCrashBuild(FAILPOINT_PATCHES);
  const lines: string[] = [];
  try {
    const { faults, hits } = await runCrashes({
      ...{ hits: 1, kills: 2, diskCalls: 0, hardshipS: 0, seed: 1, jobs: 4, main: build.main },
      failpoints: FAILPOINTS.filter((_, at) => at % STRIDE === 0),
      progress: (line) => lines.push(line),
    });
    expect(faults, lines.join('\n')).toEqual([]);
    expect([...hits.values()].every((count) => count === 1)).toBe(true);
  } finally {
    build.remove();
  }
});
