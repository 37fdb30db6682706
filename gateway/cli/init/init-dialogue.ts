import { randomBytes } from 'node:crypto';
import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';
import { setupFromAnswers } from '../../config/setup/answers.ts';
import { terminalWidth } from '../terminal-text.ts';
import { askForSetup, type Person } from './dialogue.ts';
import { findHardware } from './found-hardware.ts';
import { writeSetup } from './init.ts';
import { refuseOverwriting } from './write-files.ts';

const EXIT_ENDED = 1;

/**
 * `callpoint init DIR` at a terminal. Nothing is written before the person has seen it and agreed.
 */
export async function runInitDialogue(directory: string, out: (line: string) => void): Promise<number> {
  refuseOverwriting(directory);
  const terminal = openTerminal(out);
  try {
    const setup = await askForSetup(terminal, findHardware(), (answers) => setupFromAnswers(answers, randomBytes));
    if (setup === undefined) {
      out('\nNothing was written.');
      return EXIT_ENDED;
    }
    writeSetup(setup, directory, out);
    return 0;
  } finally {
    terminal.close();
  }
}

function openTerminal(show: (line: string) => void): Person & { close(): void } {
  let isHidden = false;
  const output = new Writable({
    write: (chunk, _encoding, done) => {
      // At once: a prompt that waited would be hidden with the answer.
      if (!isHidden) process.stdout.write(chunk);
      done();
    },
  });
  const { TERM: kind } = process.env;
  const lines = createInterface({ input: process.stdin, output, terminal: kind !== 'dumb', historySize: 0 });
  // Lines that were pasted or typed ahead answer the next questions.
  const typed: string[] = [];
  let isEnded = false;
  let wake: () => void = () => undefined;
  lines.on('line', (line) => {
    typed.push(line);
    wake();
  });
  lines.on('SIGINT', () => lines.close());
  lines.on('close', () => {
    isEnded = true;
    wake();
  });
  return {
    show,
    width: terminalWidth(),
    close: () => lines.close(),
    ask: async (prompt, isSecret) => {
      if (typed.length === 0 && !isEnded) {
        lines.setPrompt(prompt);
        lines.prompt();
        isHidden = isSecret;
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
        if (isHidden) process.stdout.write('\n');
        isHidden = false;
      } else if (!isEnded) show(prompt);
      return typed.shift();
    },
  };
}
