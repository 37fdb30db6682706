import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { withFigures } from '../bench/figures-page.ts';
import { PROJECT } from './source-files.ts';

const PAGE = readFileSync(join(PROJECT, 'test/bench/README.md'), 'utf8');
const BENCHES = ['bench', 'bench:inputs', 'bench:paths healthy'];

describe('the page of figures', () => {
  test.each(BENCHES)('has a block for %s, which says when it was measured', (bench) => {
    expect(PAGE).toMatch(new RegExp(`<!-- ${bench} -->\nMeasured on \\d{4}-\\d\\d-\\d\\d [\\s\\S]*<!-- /${bench} -->`));
  });

  test.each(BENCHES)('a run of %s replaces its own block alone', (bench) => {
    const page = withFigures(PAGE, bench, 'Measured on 2027-01-01.', '\nms 1.00\n');
    const others = BENCHES.filter((each) => each !== bench);
    const block = (text: string, name: string) =>
      text.slice(text.indexOf(`<!-- ${name} -->`), text.indexOf(`<!-- /${name} -->`));
    expect(block(page, bench)).toBe(`<!-- ${bench} -->\nMeasured on 2027-01-01.\n\n\`\`\`\nms 1.00\n\`\`\`\n`);
    for (const other of others) expect(block(page, other)).toBe(block(PAGE, other));
    expect(page.replace(block(page, bench), block(PAGE, bench))).toBe(PAGE);
  });

  test('a bench without a block is an error, not a run for nothing', () => {
    expect(() => withFigures(PAGE, 'bench:none', '', '')).toThrow('no place for the figures of bench:none');
  });
});
