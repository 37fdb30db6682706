import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { terminalSvg } from '../bench/terminal-svg.ts';
import { PROJECT } from './source-files.ts';

describe('the picture of a terminal', () => {
  test('shows the command and each line where it stands; what is markup is escaped', () => {
    const svg = terminalSvg('npm start', ['', '  <a> & b', 'x'.repeat(50)]);
    expect(svg).toContain('>$ npm start</text>');
    expect(svg).toContain('>&lt;a&gt; &amp; b</text>');
    expect(svg.match(/<text /g)).toHaveLength(3);
    // The longest line fits: 50 characters of 8.4 px, and both margins.
    expect(svg).toContain('width="454"');
  });

  test('README shows one of a real run, and the command that draws it stands beside it', () => {
    const readme = readFileSync(join(PROJECT, 'README.md'), 'utf8');
    expect(readme).toContain('.github/npm-start.svg');
    expect(readme).toContain('`npm run draw-run`');
    const shown = readFileSync(join(PROJECT, '.github/npm-start.svg'), 'utf8').replace(/<[^>]*>/g, '');
    expect(shown).toContain('$ npm start -- --once');
    for (const step of ['captured', 'sent', 'acknowledged', 'journalled', 'published']) expect(shown).toContain(step);
    expect(shown).toMatch(/ACKNOWLEDGED by path central/);
  });
});
