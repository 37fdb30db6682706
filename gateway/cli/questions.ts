import { CallpointError } from '../../protocol/errors.ts';
import { TerminalInput } from './terminal-input.ts';

interface Asking {
  /** The answer does not appear on the screen. */
  readonly isSecret?: boolean;
  /** Where the question appears, if stdout is for the answer of the command. */
  readonly shown?: NodeJS.WritableStream;
}

/** Can somebody answer, and see the question? */
export function hasPerson(): boolean {
  return process.stdin.isTTY === true && process.stdout.isTTY === true;
}

/** @returns `undefined`: the person ended it */
export async function askOnce(
  prompt: string,
  { isSecret = false, shown = process.stdout }: Asking = {},
): Promise<string | undefined> {
  const terminal = new TerminalInput(process.stdin, shown, isSecret);
  try {
    return await terminal.ask(prompt, isSecret);
  } finally {
    terminal.close();
  }
}

/** Everything but yes is no. */
export async function confirmed(question: string): Promise<boolean> {
  return isYes((await askOnce(`${question} [y/N]: `)) ?? '');
}

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
  if (!hasPerson()) return undefined;
  const input = new TerminalInput();
  const line = async (prompt: string, isSecret: boolean): Promise<string> => {
    const answer = await input.ask(prompt, isSecret);
    if (answer !== undefined) return answer.trim();
    throw new CallpointError('EDIT_REFUSED', 'Ended. Nothing was changed.');
  };
  const ask = async (question: string, suggested?: string): Promise<string> => {
    const hint = suggested === undefined || suggested === '' ? '' : ` [${suggested}]`;
    for (;;) {
      const answer = await line(`${question}${hint}: `, false);
      if (answer !== '') return answer;
      if (suggested !== undefined) return suggested;
    }
  };
  return {
    ask,
    askSecret: (question) => line(`${question} (not shown): `, true),
    confirm: async (question) => isYes(await line(`${question} [y/N]: `, false)),
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

function isYes(answer: string): boolean {
  return /^y(es)?$/i.test(answer.trim());
}
