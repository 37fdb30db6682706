import { execFileSync } from 'node:child_process';
import { expect, it } from 'vitest';
import { compileCore } from './core-library.ts';

it('survives noise and forged frames under the sanitizers, and sends only good frames', () => {
  const sanitizers = ['-fsanitize=address,undefined', '-fno-sanitize-recover=all', '-O1', '-g'];
  const program = compileCore('core-fuzz.c', sanitizers);
  const output = execFileSync(program, ['20261128', '60000'], { encoding: 'utf8' });
  const [, sent, obeyed] = /^(\d+) sent, (\d+) obeyed/.exec(output) ?? [];
  expect(Number(sent)).toBeGreaterThan(5_000);
  expect(Number(obeyed)).toBeGreaterThan(3_000);
}, 60_000);
