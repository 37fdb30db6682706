import { CallpointError } from '../../../protocol/errors.ts';
import { TerminalInput } from '../terminal-input.ts';

/** Asks the person at the terminal. Each throws EDIT_REFUSED if the person ends the input. */
export interface Questions {
  /** @param suggested taken if the answer is empty */
  ask(question: string, suggested?: string): Promise<string>;
  /** The answer does not appear on the screen. */
  askSecret(question: string): Promise<string>;
  confirm(question: string): Promise<boolean>;
}

/** @returns `undefined` where nobody can answer: input or output is no terminal */
export function terminalQuestions(): Questions | undefined {
  if (!process.stdin.isTTY || !process.stdout.isTTY) return undefined;
  const input = new TerminalInput();
  const line = async (prompt: string, isHidden: boolean): Promise<string> => {
    const answer = await input.ask(prompt, isHidden);
    if (answer !== undefined) return answer;
    throw new CallpointError('EDIT_REFUSED', 'Ended. Nothing was changed.');
  };
  const ask = async (question: string, suggested?: string): Promise<string> => {
    const hint = suggested === undefined || suggested === '' ? '' : ` [${suggested}]`;
    for (;;) {
      const answer = (await line(`${question}${hint}: `, false)).trim();
      if (answer !== '') return answer;
      if (suggested !== undefined) return suggested;
    }
  };
  return {
    ask,
    askSecret: async (question) => (await line(`${question} (not shown): `, true)).trim(),
    confirm: async (question) => /^y(es)?$/i.test((await line(`${question} [y/N]: `, false)).trim()),
  };
}

/**
 * The first line of stdin, for secrets that a program gives.
 *
 * @throws CallpointError EDIT_REFUSED if stdin is a terminal, which would show the secret
 */
export async function lineOfStdin(): Promise<string> {
  if (process.stdin.isTTY) {
    const hint = 'give it from a file or a program, such as: callpoint … --key-stdin < key.txt';
    throw new CallpointError('EDIT_REFUSED', `Nothing was changed. The terminal would show the key: ${hint}.`);
  }
  let text = '';
  for await (const chunk of process.stdin) {
    text += String(chunk);
    if (text.includes('\n') || text.length > 4096) break;
  }
  return text.split(/\r?\n/)[0]?.trim() ?? '';
}
