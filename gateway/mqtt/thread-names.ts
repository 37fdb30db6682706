import type { Names } from '../names/names.ts';
import type { NamesAnswer, NamesQuestion } from './thread-messages.ts';

type Waiter = (addresses: readonly string[]) => void;

/** Asks the main thread for addresses: it looks them up and keeps them. */
export class ThreadNames {
  readonly #ask: (question: NamesQuestion) => void;
  readonly #waiting = new Map<string, Waiter[]>();

  constructor(ask: (question: NamesQuestion) => void) {
    this.#ask = ask;
  }

  readonly names: Required<Names> = {
    lookup: async (host) => {
      const addresses = await this.#answerTo({ type: 'lookup', host });
      if (addresses.length === 0) throw new Error(`${host} has no address`);
      return addresses;
    },
    kept: (host) => this.#answerTo({ type: 'kept', host }),
  };

  answered({ to, addresses }: NamesAnswer): void {
    const waiters = this.#waiting.get(keyOf(to)) ?? [];
    this.#waiting.delete(keyOf(to));
    for (const waiter of waiters) waiter(addresses);
  }

  #answerTo(question: NamesQuestion): Promise<readonly string[]> {
    return new Promise((resolve) => {
      this.#waiting.set(keyOf(question), [...(this.#waiting.get(keyOf(question)) ?? []), resolve]);
      this.#ask(question);
    });
  }
}

function keyOf({ type, host }: NamesQuestion): string {
  return `${type} ${host}`;
}
