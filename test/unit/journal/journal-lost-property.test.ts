import fc from 'fast-check';
import { expect, test } from 'vitest';
import { error, MemoryDisk, type Operation, Rig } from './memory-files.ts';

const FAULTY: readonly Operation[] = ['create', 'write', 'rename', 'unlink', 'syncDirectory', 'close'];

const run = fc.record({
  appends: fc.integer({ min: 1, max: 30 }),
  /** A directory goes after so many records. */
  losses: fc.array(fc.record({ after: fc.integer({ min: 0, max: 29 }), from: fc.constantFrom('/a', '/b') }), {
    maxLength: 3,
  }),
  /** One operation in so many fails. */
  rarity: fc.integer({ min: 3, max: 30 }),
  seed: fc.nat(1_000_000),
  code: fc.constantFrom('EIO', 'ENOSPC', 'EDQUOT', 'EROFS'),
});

type Run = typeof run extends fc.Arbitrary<infer T> ? T : never;

/** A segment that was prepared and never used stays in /a, and what was carried goes on in /b. */
const UNUSED_SEGMENT: Run[] = [
  { appends: 15, losses: [{ after: 8, from: '/b' }], rarity: 17, seed: 373_161, code: 'EIO' },
  { appends: 1, losses: [{ after: 0, from: '/a' }], rarity: 3, seed: 0, code: 'EIO' },
  { appends: 1, losses: [], rarity: 3, seed: 0, code: 'EIO' },
];

test('whichever directory is lost, whatever fails meanwhile: what was called durable is recovered, and adds up in order', () => {
  let lost = 0;
  fc.assert(
    fc.property(fc.array(run, { minLength: 1, maxLength: 4 }), (runs) => {
      const settings = { directories: ['/a', '/b'], segmentBytes: 2_048 };
      let disk = new MemoryDisk();
      let mark = 0;
      const durable: number[] = [];
      for (const { appends, losses, rarity, seed, code } of runs) {
        const rig = new Rig(disk, settings);
        let dice = seed;
        disk.fault = (operation) => {
          dice = (dice * 1_103_515_245 + 12_345) % 2_147_483_648;
          return FAULTY.includes(operation) && Math.floor(dice / 65_536) % rarity === 0 ? error(code) : undefined;
        };
        const first = mark;
        for (let n = 0; n < appends; n += 1) {
          for (const { after, from } of losses) if (after === n) disk.move(from, `/gone-${lost++}`);
          mark += 1;
          rig.append(mark, mark === 1 ? { holds: 'start' } : {}, 'x'.repeat(200));
          if (n % 7 === 0) rig.pass(1_000);
          if (n % 5 === 0) rig.engine.work();
        }
        disk.fault = () => undefined;
        rig.pass(1_000);
        const last = rig.durable.at(-1);
        if (last !== undefined) for (let n = first + 1; n <= first + last; n += 1) durable.push(n);
        disk = rig.disk.afterCrash();
      }
      const { sessions } = new Rig(disk, settings).recovered;
      const lastWords = sessions.filter((session, index) => sessions.lastIndexOf(session) === index);
      expect(lastWords.toSorted((a, b) => a - b)).toEqual(lastWords);
      if (durable.includes(1)) expect(durable.filter((n) => !sessions.includes(n))).toEqual([]);
    }),
    { numRuns: 120, examples: [[UNUSED_SEGMENT]] },
  );
  expect(lost).toBeGreaterThan(120);
});
