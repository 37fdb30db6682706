import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { program as simulator } from '../../device-sim/cli/program.ts';
import { bashScript } from '../../gateway/cli/completion/bash-script.ts';
import { completedCommands } from '../../gateway/cli/completion/completed-commands.ts';
import { fishScript } from '../../gateway/cli/completion/fish-script.ts';
import { zshScript } from '../../gateway/cli/completion/zsh-script.ts';
import { program } from '../../gateway/cli/program.ts';
import { counterpart } from './required.ts';

const commands = completedCommands(program());
const directory = mkdtempSync(join(tmpdir(), 'callpoint-completion-'));
afterAll(() => rmSync(directory, { recursive: true }));
writeFileSync(join(directory, 'my site.yaml'), '');

const scripts = {
  bash: bashScript('callpoint', commands),
  zsh: zshScript('callpoint', commands),
  fish: fishScript('callpoint', commands),
};

const simulated = completedCommands(simulator());
const ofSimulator = {
  bash: bashScript('callpoint-sim', simulated),
  zsh: zshScript('callpoint-sim', simulated),
  fish: fishScript('callpoint-sim', simulated),
};

/** What each shell is asked, and what it must offer. */
const CASES = [
  ['callpoint dri', ['drill']],
  ['callpoint drill st', ['start', 'status', 'stop']],
  ['callpoint devices --config x.yaml rem', ['remove']],
  ['callpoint drill start --sc', ['--scope']],
  ['callpoint run --log-level w', ['warn']],
  ['callpoint init --answers my', ['my site.yaml']],
  ['callpoint restore my', ['my site.yaml']],
  ['callpoint completion z', ['zsh']],
  ['callpoint help walk', ['walk-test']],
  ['callpoint drill start --reason st', []],
] as const;

/** Runs a shell without anybody's own settings, within a directory that has one file. */
function run(shell: string, args: readonly string[], input = ''): { readonly out: string[]; readonly error: string } {
  const { PATH } = process.env;
  const env = { PATH, HOME: directory, LC_ALL: 'C.UTF-8', TERM: 'dumb' };
  const { stdout, stderr, error } = spawnSync(shell, args, { input, encoding: 'utf8', cwd: directory, env });
  if (error !== undefined) throw error;
  return { out: stdout.split('\n').filter((line) => line !== ''), error: stderr };
}

function installed(shell: string): boolean {
  return spawnSync(shell, ['--version'], { stdio: 'ignore' }).error === undefined;
}

/** Does what readline does at Tab: sets the words, calls the function, and reads its answer. */
const BASH = `
source "$1"
read -ra COMP_WORDS <<<"$2"
COMP_CWORD=$(( \${#COMP_WORDS[@]} - 1 ))
_callpoint
printf '%s\\n' "\${COMPREPLY[@]}"
`;

/**
 * zsh completes in its line editor only, so the test presses Tab at a terminal of zsh's own. Before
 * the editor shows its prompt, the terminal itself would take ^U and erase the Tab.
 */
const ZSH = `
zmodload zsh/zpty
zpty shell zsh -f -i
zpty -w shell "PROMPT=GO RPROMPT=; stty -echo; cd $3; autoload -Uz compinit; compinit -u -d $3/dump; source $1; bindkey '^I' complete-word"
zpty -w shell 'offered() { builtin compadd -A found "$@"; for each in $found; do print -r -- "<$each>" >>offered; done; builtin compadd "$@" }; functions[compadd]=$functions[offered]; zstyle ":completion:*" list-prompt ""; print RE""ADY'
zpty -r shell line '*READY*GO*'
zpty -w -n shell "$2"$'\\t'
zpty -w shell $'\\x15print DO""NE'
zpty -r shell line '*DONE*'
zpty -d shell
sort -u $3/offered 2>/dev/null | sed -n 's/^<\\(.*\\)>$/\\1/p'
rm -f $3/offered
`;

const FISH = `source $argv[1]; complete -C "$argv[2]" | string replace -r '\\t.*' ''`;

describe.each([
  ['bash', ['-c', BASH, 'bash']],
  ['zsh', ['-f', '-c', ZSH, 'zsh']],
  ['fish', ['-c', FISH]],
] as const)('the completion of %s', (shell, args) => {
  const { skip, title } = counterpart(shell, installed(shell), `as root: apt-get install ${shell}`);
  describe.skipIf(skip)(title, () => {
    const file = join(directory, `script.${shell}`);
    writeFileSync(file, scripts[shell]);

    test('the shell has nothing to say against the script', () => {
      expect(run(shell, ['-n', file])).toEqual({ out: [], error: '' });
      const other = join(directory, `simulator.${shell}`);
      writeFileSync(other, ofSimulator[shell]);
      expect(run(shell, ['-n', other])).toEqual({ out: [], error: '' });
      expect(ofSimulator[shell]).toMatch(/--with-gateway|-l with-gateway/);
    });

    test.each(CASES)('%s', (line, offered) => {
      const { out, error } = run(shell, [...args, file, line, directory]);
      expect(error).toBe('');
      const words = out.map((each) => each.trim().replaceAll('\\ ', ' '));
      expect([...new Set(words)].sort()).toEqual(offered);
    });
  });
});
