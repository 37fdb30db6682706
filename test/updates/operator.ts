import { askGateway, askQuestion } from '../../gateway/control/ask-gateway.ts';
import type { StatusDocument } from '../../protocol/status-document.ts';

const LOOK_MS = 250;
const PATIENCE_MS = 5_000;

/**
 * Asks the gateway what is open, and ends each alert that a receiver has, but for those it holds.
 */
export class Operator {
  readonly #data: string;
  /** Alerts stay open. */
  isHolding = false;
  #status: StatusDocument | undefined;
  #timer: NodeJS.Timeout | undefined;
  #isStopped = false;

  constructor(data: string) {
    this.#data = data;
  }

  /** As the gateway answered last; `undefined`: it did not. */
  get status(): StatusDocument | undefined {
    return this.#status;
  }

  start(): void {
    this.#later();
  }

  stop(): void {
    this.#isStopped = true;
    clearTimeout(this.#timer);
  }

  /** As an update does, without one. @returns false: it refuses, or gives no answer */
  async stopsGateway(): Promise<boolean> {
    try {
      return (await askGateway(this.#data, { command: 'stopForUpdate', by: 'rig' }, PATIENCE_MS)).ok;
    } catch {
      return false;
    }
  }

  #later(): void {
    if (this.#isStopped) return;
    this.#timer = setTimeout(() => {
      void this.#look().finally(() => this.#later());
    }, LOOK_MS);
  }

  async #look(): Promise<void> {
    try {
      this.#status = await askQuestion(this.#data, 'status', PATIENCE_MS);
      if (this.isHolding) return;
      for (const { id, state } of this.#status.alerts) {
        if (state === 'raised' || state === 'sent') continue;
        await askGateway(this.#data, { command: 'resolve', by: 'rig', reason: 'over', alert: id }, PATIENCE_MS);
      }
    } catch {
      // It is being started: the next look asks again.
      this.#status = undefined;
    }
  }
}
