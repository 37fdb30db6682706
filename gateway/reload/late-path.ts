import type { Attempt } from '../core/report.ts';
import type { PathDriver } from '../paths/path-driver.ts';

/**
 * A path whose driver must wait until another one has closed their port. What is to be sent
 * meanwhile waits as well.
 */
export class LatePath implements PathDriver {
  readonly id: string;
  readonly #driver: PathDriver;
  #waiting: Attempt[] | undefined = [];

  constructor(driver: PathDriver) {
    this.id = driver.id;
    this.#driver = driver;
  }

  start(): void {
    this.#driver.start();
    const waiting = this.#waiting ?? [];
    this.#waiting = undefined;
    for (const attempt of waiting) this.#driver.send(attempt);
  }

  stop(): Promise<void> {
    return this.#driver.stop();
  }

  send(attempt: Attempt): void {
    if (this.#waiting === undefined) this.#driver.send(attempt);
    else this.#waiting.push(attempt);
  }

  abandon(attempt: number): void {
    if (this.#waiting === undefined) this.#driver.abandon(attempt);
    else this.#waiting = this.#waiting.filter((each) => each.attempt !== attempt);
  }
}
