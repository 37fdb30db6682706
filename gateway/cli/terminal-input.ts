import { createInterface, type Interface } from 'node:readline';
import { Writable } from 'node:stream';
import { terminalSafe } from './terminal-safe.ts';

/**
 * Lines that a person types. One reader asks all questions of a command: lines that were pasted or
 * typed ahead answer the next questions.
 */
export class TerminalInput {
  readonly #input: NodeJS.ReadableStream;
  readonly #output: NodeJS.WritableStream;
  readonly #mayHide: boolean;
  readonly #typed: string[] = [];
  #lines: Interface | undefined;
  #isHidden = false;
  #isEnded = false;
  #wake: () => void = () => undefined;

  /** @param mayHide some question may be for a secret */
  constructor(
    input: NodeJS.ReadableStream = process.stdin,
    output: NodeJS.WritableStream = process.stdout,
    mayHide = true,
  ) {
    this.#input = input;
    this.#output = output;
    this.#mayHide = mayHide;
  }

  /** @returns `undefined`: the person ended it, as Ctrl-C and Ctrl-D do */
  async ask(prompt: string, isSecret: boolean): Promise<string | undefined> {
    const lines = this.#open();
    if (this.#typed.length > 0) this.#output.write(`${terminalSafe(prompt)}\n`);
    else if (!this.#isEnded) {
      lines.setPrompt(terminalSafe(prompt));
      lines.prompt();
      this.#isHidden = isSecret;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
      if (this.#isHidden || this.#isEnded) this.#output.write('\n');
      this.#isHidden = false;
    }
    // A terminal that is not read does not keep the process running.
    if (!this.#isEnded) lines.pause();
    return this.#typed.shift();
  }

  close(): void {
    this.#lines?.close();
  }

  #open(): Interface {
    if (this.#lines !== undefined) return this.#lines;
    const output = new Writable({
      write: (chunk, _encoding, done) => {
        // At once: a prompt that waited would be hidden with the answer.
        if (!this.#isHidden) this.#output.write(chunk);
        done();
      },
    });
    const { TERM: kind } = process.env;
    // On a dumb terminal the kernel edits the line, and shows it.
    const terminal = this.#mayHide || kind !== 'dumb';
    const lines = createInterface({ input: this.#input, output, terminal, historySize: 0 });
    lines.on('line', (line) => {
      this.#typed.push(line);
      this.#wake();
    });
    lines.on('SIGINT', () => lines.close());
    lines.on('close', () => {
      this.#isEnded = true;
      this.#wake();
    });
    this.#lines = lines;
    return lines;
  }
}
