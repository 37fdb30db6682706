import { randomBytes } from 'node:crypto';
import { setupFromAnswers } from '../../config/setup/answers.ts';
import { TerminalInput } from '../terminal-input.ts';
import { terminalWidth } from '../terminal-text.ts';
import { askForSetup } from './dialogue.ts';
import { findHardware } from './found-hardware.ts';
import { writeSetup } from './init.ts';
import { refuseOverwriting } from './write-files.ts';

const EXIT_ENDED = 1;

/**
 * `callpoint init DIR` at a terminal. Nothing is written before the person has seen it and agreed.
 */
export async function runInitDialogue(directory: string, out: (line: string) => void): Promise<number> {
  refuseOverwriting(directory);
  const input = new TerminalInput();
  const terminal = {
    show: out,
    width: terminalWidth(),
    ask: (prompt: string, isSecret: boolean) => input.ask(prompt, isSecret),
  };
  try {
    const setup = await askForSetup(terminal, findHardware(), (answers) => setupFromAnswers(answers, randomBytes));
    if (setup === undefined) {
      out('Nothing was written.');
      return EXIT_ENDED;
    }
    writeSetup(setup, directory, out);
    return 0;
  } finally {
    input.close();
  }
}
