interface ReceivedSms {
  readonly number: string;
  readonly text: string;
  /** Number of copies that came. */
  times: number;
}

/** The phones at the other end: for each number, each text once. */
export class SmsDesk {
  readonly #messages = new Map<string, ReceivedSms>();

  get messages(): readonly ReceivedSms[] {
    return [...this.#messages.values()];
  }

  /** Returns the number of copies beyond the first of each text. */
  get repeats(): number {
    return this.messages.reduce((sum, { times }) => sum + times - 1, 0);
  }

  accept(number: string, text: string): void {
    const known = this.#messages.get(`${number} ${text}`);
    if (known === undefined) this.#messages.set(`${number} ${text}`, { number, text, times: 1 });
    else known.times += 1;
  }

  textsOf(wanted: string): string[] {
    return this.messages.filter(({ number }) => number === wanted).map(({ text }) => text);
  }
}
