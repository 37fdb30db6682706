import { execFile } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { transformSync } from 'esbuild';
import { describe, expect, inject, test } from 'vitest';
import type { BrokenPromise } from './broken-promises.ts';

const PROJECT = fileURLToPath(new URL('../../', import.meta.url));
const SHIPPED = join(PROJECT, 'device-sim/scenarios');
const MAIN = 'gateway/cli/main.ts';

/** Longer than all bounds of one. A run that takes longer is stopped, with its gateway. */
const PATIENCE_MS = 110_000;
const TEST_MS = 120_000;

interface Run {
  readonly code: number;
  /** Expectations that were not met, as written. */
  readonly unmet: readonly string[];
  readonly output: string;
}

/** Each scenario passes as it is, and fails for the right reason if its promise is broken. */
export function testShipped(promises: readonly BrokenPromise[]): void {
  describe.each(promises)('$scenario', (promise) => {
    test('holds', { timeout: TEST_MS }, async () => {
      const { code, unmet, output } = await run(inject('compiled'), promise.scenario);
      expect(unmet, output).toEqual([]);
      expect(code, output).toBe(0);
    });

    test(`fails if ${promise.how}`, { timeout: TEST_MS }, async () => {
      const broken = brokenGateway(promise);
      try {
        const { code, unmet, output } = await run(broken, promise.scenario);
        expect(
          unmet.some((each) => each.startsWith(promise.fails)),
          output,
        ).toBe(true);
        expect(code).toBe(1);
      } finally {
        rmSync(broken, { recursive: true });
      }
    });
  });
}

/**
 * A copy of the compiled project, beside the one that it is of, with the patch. Its gateway runs
 * from its modules, as the compiler has written them: joined into one file, none could be patched.
 */
function brokenGateway({ scenario, patch }: BrokenPromise): string {
  const compiled = inject('compiled');
  const directory = mkdtempSync(join(dirname(compiled), `callpoint-broken-${scenario}-`));
  cpSync(compiled, directory, { recursive: true });
  const file = join(directory, 'gateway', patch.file);
  const parts = readFileSync(file, 'utf8').split(patch.from);
  if (parts.length !== 2) throw new Error(`"${patch.from}" stands ${parts.length - 1} times in ${patch.file}`);
  writeFileSync(file, parts.join(patch.to));
  const main = transformSync(readFileSync(join(PROJECT, MAIN), 'utf8'), { loader: 'ts', format: 'esm' }).code;
  writeFileSync(join(directory, MAIN.replace('.ts', '.js')), main.replaceAll('.ts"', '.js"'));
  return directory;
}

function run(compiled: string, scenario: string): Promise<Run> {
  const command = [join(compiled, 'device-sim/cli/main.js'), 'run', join(SHIPPED, `${scenario}.yaml`), '--json'];
  return new Promise((resolve, reject) => {
    execFile(process.execPath, command, { maxBuffer: 1e9, timeout: PATIENCE_MS }, (error, stdout, stderr) => {
      const code = error === null ? 0 : typeof error.code === 'number' ? error.code : -1;
      try {
        const { runs } = JSON.parse(stdout) as Verdicts;
        const [{ problem, expectations, seen }] = runs;
        const unmet = expectations.filter(({ met }) => !met);
        const output = [problem, ...unmet, ...seen.slice(-40)].map((each) => JSON.stringify(each)).join('\n');
        resolve({ code, unmet: unmet.map(({ expectation }) => expectation), output });
      } catch (cause) {
        reject(new Error(`sim run ended with ${code}: ${stderr}`, { cause }));
      }
    });
  });
}

interface Verdicts {
  readonly runs: readonly [
    {
      readonly problem: string | null;
      readonly expectations: readonly { readonly expectation: string; readonly met: boolean; readonly why: string }[];
      readonly seen: readonly unknown[];
    },
  ];
}
