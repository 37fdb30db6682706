import { spawnSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { program as simulator } from '../../device-sim/cli/program.ts';
import { manualFiles, manualPages } from '../../gateway/manual/manual.ts';
import { counterpart } from './required.ts';

const files = manualFiles(manualPages([simulator()]), { source: 'Callpoint 0.1.0', date: '2026-11-28' });
const roff = [...files].filter(([name]) => /\.[15]$/.test(name));

function installed(command: string): boolean {
  return spawnSync(command, ['-V'], { stdio: 'ignore' }).error === undefined;
}

/** What a formatter says about each page. */
function complaints(command: string, args: readonly string[]): string[] {
  return roff.flatMap(([name, text]) => {
    const { status, stdout, stderr } = spawnSync(command, args, { input: text, encoding: 'utf8' });
    const said = `${stdout}${stderr}`.trim();
    return status === 0 && said === '' ? [] : [`${name}: ${said || `exit code ${status}`}`];
  });
}

const mandoc = counterpart('mandoc', installed('mandoc'), 'as root: apt-get install mandoc');
describe.skipIf(mandoc.skip)(mandoc.title, () => {
  test('has nothing to warn of in any page', () => {
    expect(roff.length).toBeGreaterThan(15);
    expect(complaints('mandoc', ['-Tlint', '-Wwarning'])).toEqual([]);
  });
});

const groff = counterpart('groff', installed('groff'), 'as root: apt-get install groff-base');
describe.skipIf(groff.skip)(groff.title, () => {
  test('has nothing to warn of in any page', () => {
    expect(complaints('groff', ['-man', '-ww', '-z'])).toEqual([]);
  });
});
