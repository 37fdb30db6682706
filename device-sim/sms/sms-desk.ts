interface ReceivedSms {
  readonly number: string;
  readonly text: string;
  /** How often it came; 1 is once. */
  times: number;
}

/** What the people at the other end see: by number, each text once. */
export class SmsDesk {
  readonly #messages = new Map<string, ReceivedSms>();

  get messages(): readonly ReceivedSms[] {
    return [...this.#messages.values()];
  }

  /** Beyond the first of each. */
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
