import fc from 'fast-check';
import { expect, test } from 'vitest';
import { error, MemoryDisk, type Operation, Rig } from './memory-files.ts';

const FAULTY: readonly Operation[] = ['create', 'write', 'rename', 'unlink', 'syncDirectory', 'close'];
const CODES = ['EIO', 'ENOSPC', 'EROFS'];

test('whatever fails, whenever it crashes: what was called durable is recovered, once and in order', () => {
  fc.assert(
    fc.property(
      fc.array(
        fc.record({
          appends: fc.integer({ min: 1, max: 30 }),
          // One operation in so many fails.
          rarity: fc.integer({ min: 2, max: 12 }),
          seed: fc.nat(1_000_000),
          code: fc.constantFrom(...CODES),
          partial: fc.boolean(),
        }),
        { minLength: 1, maxLength: 5 },
      ),
      (runs) => {
        const settings = { directories: ['/a', '/b'], segmentBytes: 2_048 };
        let disk = new MemoryDisk();
        let mark = 0;
        const durable: number[] = [];
        for (const { appends, rarity, seed, code, partial } of runs) {
          const rig = new Rig(disk, settings);
          let dice = seed;
          disk.fault = (operation, _path, length) => {
            dice = (dice * 1_103_515_245 + 12_345) % 2_147_483_648;
            if (!FAULTY.includes(operation) || Math.floor(dice / 65_536) % rarity !== 0) return undefined;
            return partial && operation === 'write' && length > 1 ? Math.ceil(length / 2) : error(code);
          };
          const first = mark;
          for (let n = 0; n < appends; n += 1) {
            mark += 1;
            rig.append(mark, mark === 1 ? { holds: 'start' } : {}, 'x'.repeat(200));
            if (n % 7 === 0) rig.pass(1_000);
            if (n % 5 === 0) rig.engine.work();
          }
          const last = rig.durable.at(-1);
          if (last !== undefined) for (let n = first + 1; n <= first + last; n += 1) durable.push(n);
          disk = rig.disk.afterCrash();
        }
        const { sessions } = new Rig(disk, settings).recovered;
        expect([...new Set(sessions)]).toEqual(sessions);
        expect([...sessions].sort((a, b) => a - b)).toEqual(sessions);
        if (durable.includes(1)) expect(durable.filter((n) => !sessions.includes(n))).toEqual([]);
      },
    ),
    { numRuns: 200 },
  );
});
