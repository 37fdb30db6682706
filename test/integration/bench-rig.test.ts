import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { cFloor, SERVICE_NICE } from '../bench/contestants.ts';
import { compileNative, hasCompiler } from '../bench/native.ts';
import { Stand } from '../bench/stand.ts';

// A machine without a C compiler cannot run the bench, and needs no proof that it works.
describe.skipIf(!hasCompiler())('the rig of the bench, compiled here', () => {
  const directory = mkdtempSync(join(tmpdir(), 'callpoint-bench-rig-'));
  let stand: Stand;

  beforeAll(async () => {
    const { rig, floor } = compileNative(directory, ['rig', 'floor', 'slowDisk']);
    stand = await Stand.open(cFloor(floor), {
      rigProgram: rig,
      lines: 2,
      devicesPerLine: 5,
      connections: 1,
      nice: SERVICE_NICE,
    });
    await stand.start();
  });

  afterAll(async () => {
    await stand.close();
    rmSync(directory, { recursive: true, force: true });
  });

  test('follows each press from its line to the receiver', async () => {
    const figures = await stand.load(stand.schedule(20, 1));
    expect(figures).toMatchObject({ presses: 20, lost: 0, twice: 0, reordered: 0, badFrames: 0 });
    expect(figures.firstByteMs.n).toBe(20);
    expect(figures.firstByteMs.p50).toBeGreaterThan(0);
  });

  test('says which presses were lost when the receiver is away', async () => {
    const presses = stand.schedule(20, 1);
    const links = [{ dueMs: 9.5, link: 'closed' } as const];
    const schedule = [...presses, ...links].sort((a, b) => a.dueMs - b.dueMs);
    const figures = await stand.load(schedule, 0);
    expect(figures.lost).toBeGreaterThanOrEqual(10);
    expect(figures.lost + figures.firstByteMs.n).toBe(20);
  });
});
