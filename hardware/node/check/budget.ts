/**
 * Judges the built images against budget.txt: `tsx check/budget.ts DIRECTORY`. It prints a line for
 * each image, and ends with 1 if one needs more than its budget.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { stackUse } from './stack.ts';

interface Budget {
  readonly board: string;
  readonly flash: number;
  readonly ram: number;
  readonly stack: number;
}

function readBudgets(file: string): Budget[] {
  const lines = readFileSync(file, 'utf8').split('\n');
  return lines
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => {
      const [board = '', ...numbers] = line.split(/\s+/);
      const [flash = 0, ram = 0, stack = 0] = numbers.map(Number);
      return { board, flash, ram, stack };
    });
}

function tool(name: string, ...args: string[]): string {
  return execFileSync(name, args, { encoding: 'utf8', maxBuffer: 1 << 26 });
}

/** Flash holds the initial values of variables too. */
function sizes(prefix: string, elf: string): { flash: number; ram: number } {
  const [text = 0, data = 0, bss = 0] =
    tool(`${prefix}size`, elf).split('\n')[1]?.trim().split(/\s+/).map(Number) ?? [];
  return { flash: text + data, ram: data + bss };
}

function judge({ board, ...budget }: Budget, directory: string): boolean {
  const isa = board.includes('rp2040') ? 'arm' : 'avr';
  const prefix = isa === 'arm' ? 'arm-none-eabi-' : 'avr-';
  const elf = join(directory, `node-${board}.elf`);
  if (!existsSync(elf)) {
    console.log(`${board}: not built, its compiler is not installed`);
    return true;
  }
  const stack = stackUse(tool(`${prefix}objdump`, '-d', elf), isa);
  const used = { ...sizes(prefix, elf), stack: stack.bytes };
  const parts = (['flash', 'ram', 'stack'] as const).map((what) => ({ what, used: used[what], most: budget[what] }));
  console.log(`${board}: ${parts.map(({ what, used, most }) => `${what} ${used} of ${most}`).join(', ')}`);
  const exceeded = parts.filter((part) => part.used > part.most);
  for (const { what } of exceeded) {
    console.error(`${board}: ${what} is over its budget${what === 'stack' ? `: ${stack.path.join(' > ')}` : ''}`);
  }
  return exceeded.length === 0;
}

const here = import.meta.dirname;
const fit = readBudgets(join(here, '../budget.txt')).map((budget) =>
  judge(budget, join(here, '..', process.argv[2] ?? 'build')),
);
process.exitCode = fit.every(Boolean) ? 0 : 1;
