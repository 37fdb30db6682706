import { Argument, type Command } from 'commander';
import { describeCommand } from '../help.ts';

const SHELLS = ['bash', 'zsh', 'fish'] as const;

/** `callpoint completion bash` */
export function addCompletionCommand(root: Command): void {
  describeCommand(root.command('completion'), {
    about: [
      'The shell then completes commands, options and files at the Tab key. The script needs no Node and no running gateway. Write it again after an upgrade.',
    ],
    examples: [
      ['callpoint completion bash | sudo tee /usr/share/bash-completion/completions/callpoint', 'for all users'],
      ['callpoint completion zsh | sudo tee /usr/local/share/zsh/site-functions/_callpoint', ''],
      ['callpoint completion fish > ~/.config/fish/completions/callpoint.fish', ''],
    ],
    seeAlso: ['help'],
  })
    .description('print the script with which a shell completes commands and options')
    .addArgument(new Argument('<shell>', 'the shell').choices(SHELLS))
    .action(async (shell: (typeof SHELLS)[number]) => {
      const { completedCommands } = await import('./completed-commands.ts');
      const commands = completedCommands(root);
      process.stdout.write(await scriptFor(shell, root.name(), commands));
    });
}

async function scriptFor(
  shell: (typeof SHELLS)[number],
  ...what: Parameters<typeof import('./bash-script.ts').bashScript>
): Promise<string> {
  if (shell === 'bash') return (await import('./bash-script.ts')).bashScript(...what);
  if (shell === 'zsh') return (await import('./zsh-script.ts')).zshScript(...what);
  return (await import('./fish-script.ts')).fishScript(...what);
}
