import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { terminalSvg } from './terminal-svg.ts';

/** Draws README's picture from a real run of the command that it shows: `npm run draw-run`. */
const PICTURE = fileURLToPath(new URL('../../.github/npm-start.svg', import.meta.url));
const PROJECT = fileURLToPath(new URL('../../', import.meta.url));

const { status, stdout } = spawnSync('npm', ['--silent', 'start', '--', '--once'], { cwd: PROJECT, encoding: 'utf8' });
if (status !== 0) {
  process.stderr.write(`npm start -- --once ended with ${status}:\n${stdout}`);
  process.exit(1);
}
writeFileSync(PICTURE, terminalSvg('npm start -- --once', stdout.trimEnd().split('\n')));
process.stdout.write(`${PICTURE}\n`);
