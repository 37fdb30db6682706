import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';
import { CallpointError } from '../../../protocol/errors.ts';

/** Asks the person at the terminal. */
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

/** @throws CallpointError EDIT_REFUSED if the person ends the input */
function line(prompt: string, isHidden: boolean): Promise<string> {
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() });
  const lines = createInterface({ input: process.stdin, output: isHidden ? silent : process.stdout, terminal: true });
  if (isHidden) process.stdout.write(prompt);
  return new Promise((resolve, reject) => {
    let answer: string | undefined;
    lines.on('close', () => {
      if (isHidden || answer === undefined) process.stdout.write('\n');
      if (answer === undefined) reject(new CallpointError('EDIT_REFUSED', 'Ended. Nothing was changed.'));
      else resolve(answer);
    });
    lines.on('SIGINT', () => lines.close());
    lines.question(isHidden ? '' : prompt, (text) => {
      answer = text;
      lines.close();
    });
  });
}

/** The first line of stdin, for secrets that a program gives. */
export async function lineOfStdin(): Promise<string> {
  let text = '';
  for await (const chunk of process.stdin) {
    text += String(chunk);
    if (text.includes('\n') || text.length > 4096) break;
  }
  return text.split(/\r?\n/)[0]?.trim() ?? '';
}
