import type { Command } from 'commander';
import { describeCommand, type Prose } from '../help.ts';
import { type JsonFlag, jsonOption, printAnswer } from '../json-output.ts';
import { hasPerson } from '../questions.ts';
import { installedDirectory } from '../site-options.ts';

const ABOUT: Prose = {
  about: [
    'At a terminal it asks: name, buildings, floors and rooms, what is plugged in, where alerts go, who may read MQTT. Enter takes the answer in brackets, < goes back, Ctrl-C ends it and leaves nothing behind. It shows what it will write and asks before it does.',
    'With --answers it asks nothing: every mistake is listed with its line. Without a terminal and without answers, and with --starter, it writes a starter to edit.',
    'What it writes has passed callpoint check. It never writes over a file that exists. Keys and passwords are random and new; keys.yaml can be read by its owner only, and a .gitignore keeps it out of git.',
  ],
  examples: [
    ['callpoint init mysite', ''],
    ['sudo callpoint init', 'the site of an installed package, in /etc/callpoint'],
    ['callpoint init --answers-example', 'print a file of answers to edit'],
    ['callpoint init mysite --answers answers.yaml', ''],
  ],
  files: [['callpoint.schema.json', 'beside site.yaml: editors check and complete settings with it']],
  seeAlso: ['check', 'doctor', 'settings'],
};

interface InitOptions extends JsonFlag {
  readonly answers?: string;
  readonly answersExample?: boolean;
  readonly starter?: boolean;
}

export function addInitCommand(root: Command, out: (line: string) => void): void {
  const command = describeCommand(jsonOption(root.command('init')), ABOUT);
  command
    .description('write the configuration of a new site, with fresh random keys')
    .argument(
      '[dir]',
      'directory to write site.yaml and keys.yaml to (default: /etc/callpoint if installed as a package)',
    )
    .option('--answers <file>', 'settings of site.yaml as YAML or JSON; asks nothing')
    .option('--answers-example', 'print a file of answers to edit')
    .option('--starter', 'ask nothing, and write a starter to edit, with an example of each input and path')
    .action(async (named: string | undefined, options: InitOptions) => {
      const { answers, answersExample, starter, json } = options;
      if (answersExample) {
        const { ANSWERS_EXAMPLE } = await import('../../config/setup/answers-example.ts');
        if (json) printAnswer(options, { text: ANSWERS_EXAMPLE }, out);
        else process.stdout.write(ANSWERS_EXAMPLE);
        return;
      }
      const directory = named ?? installedDirectory();
      if (directory === undefined) return command.error("error: missing required argument 'dir'");
      const lines: string[] = [];
      const keep = (line: string) => void lines.push(line);
      const { runInit, runInitFrom } = await import('./init.ts');
      if (answers !== undefined) runInitFrom(answers, directory, keep);
      else if (starter || json || !hasPerson()) runInit(directory, keep);
      else {
        const { runInitDialogue } = await import('./init-dialogue.ts');
        process.exitCode = await runInitDialogue(directory, out);
        return;
      }
      printAnswer(options, { text: lines.join('\n'), directory }, out);
    });
}
