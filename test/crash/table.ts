import type { CrashResult } from './run.ts';

/** For a person. */
export function tableOf(result: CrashResult): string {
  const { hits, kills, disk, hardships, cycles, presses, secondNumbers, seconds, faults } = result;
  const row = (name: string, ...numbers: readonly number[]) =>
    `${name.padEnd(26)}${numbers.map((number) => String(number).padStart(8)).join('')}`;
  const deaths = [...hits.values()].reduce((sum, count) => sum + count, 0);
  return [
    ...(hits.size === 0
      ? []
      : [`${'failpoint'.padEnd(26)}    hits`, ...[...hits].map(([name, n]) => row(name, n)), '']),
    ...(disk.size === 0
      ? []
      : [
          `${'call of the disk'.padEnd(26)}  failed    told`,
          ...[...disk].map(([name, { failed, told }]) => row(name, failed, told)),
          '',
        ]),
    ...hardships,
    `${hits.size} failpoints, ${deaths} hits; ${kills} kills at random instants`,
    `${cycles} cycles, ${presses} presses in ${Math.round(seconds)} s`,
    `${secondNumbers} presses came with a second number after a death`,
    ...(faults.length === 0 ? ['no fault'] : [`${faults.length} faults:`, ...faults]),
    '',
  ].join('\n');
}
