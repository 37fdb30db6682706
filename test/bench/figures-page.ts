import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import { fileURLToPath } from 'node:url';

const PAGE = fileURLToPath(new URL('README.md', import.meta.url));

/**
 * Returns the page with the block of one bench replaced.
 * @throws Error if the page has no such block
 */
export function withFigures(page: string, bench: string, measured: string, table: string): string {
  const [begin, end] = [`<!-- ${bench} -->`, `<!-- /${bench} -->`];
  const from = page.indexOf(begin);
  const to = page.indexOf(end);
  if (from < 0 || to < from) throw new Error(`test/bench/README.md has no place for the figures of ${bench}`);
  return `${page.slice(0, from)}${begin}\n${measured}\n\n\`\`\`\n${table.trim()}\n\`\`\`\n${page.slice(to)}`;
}

/** Writes a bench's results into its block of README.md, with the date and the machine. */
export function writeFigures(bench: string, table: string): void {
  const commit = execFileSync('git', ['rev-parse', '--short', 'HEAD'], {
    encoding: 'utf8',
    cwd: fileURLToPath(new URL('.', import.meta.url)),
  });
  const processors = cpus();
  const day = new Date().toISOString().slice(0, 10);
  const machine = `${processors.length} × ${processors[0]?.model ?? process.arch}`;
  const load = loadavg()[0]?.toFixed(1);
  const measured = `Measured on ${day} at ${commit.trim()}, ${machine}; load of the machine at the end ${load}.`;
  writeFileSync(PAGE, withFigures(readFileSync(PAGE, 'utf8'), bench, measured, table));
  process.stderr.write(`${PAGE}: the figures of ${bench} are those of this run\n`);
}
