import fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { chipFiles, gpioProblem } from '../../../gateway/inputs/gpio-chip-files.ts';

let directory: string;

beforeEach(() => {
  directory = fs.mkdtempSync(join(tmpdir(), 'callpoint-dev-'));
});

afterEach(() => fs.rmSync(directory, { recursive: true }));

function plug(...names: string[]): void {
  for (const name of names) fs.writeFileSync(join(directory, name), '');
}

it('a machine without a gpiochip is told so', () => {
  plug('gpiomem');
  expect(gpioProblem(undefined, directory)).toContain('this machine has no gpiochip');
  expect(gpioProblem('pinctrl-rp1', directory)).toContain('this machine has no gpiochip');
  expect(gpioProblem(undefined, join(directory, 'nowhere'))).toContain('this machine has no gpiochip');
});

it('a device file that is not there is told, with those that are', () => {
  plug('gpiochip0', 'gpiochip10', 'gpiochip4');
  const path = join(directory, 'gpiochip1');
  expect(gpioProblem(path, directory)).toBe(
    `${path} is not there: this machine has ${[0, 4, 10].map((number) => join(directory, `gpiochip${number}`)).join(', ')}`,
  );
});

it('a machine that has the chip, or may have it, is no problem', () => {
  plug('gpiochip0');
  expect(gpioProblem(join(directory, 'gpiochip0'), directory)).toBeUndefined();
  expect(gpioProblem('pinctrl-rp1', directory)).toBeUndefined();
  expect(gpioProblem(undefined, directory)).toBeUndefined();
});

it('only chips count, in the order of their numbers', () => {
  plug('gpiochip10', 'gpiochip2', 'gpiomem0', 'gpiochip', 'agpiochip3');
  expect(chipFiles(directory)).toEqual([join(directory, 'gpiochip2'), join(directory, 'gpiochip10')]);
});
