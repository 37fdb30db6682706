import { setTimeout as sleep } from 'node:timers/promises';
import { type Random, randomBelow } from '../../device-sim/random.ts';
import { askGateway, askQuestion } from '../../gateway/control/ask-gateway.ts';
import type { Life } from './life.ts';
import type { World } from './world.ts';

/** What people do to the gateway. `always`: presses, doors, commands. */
export type Deed = 'always' | 'reload' | 'stop' | 'update';

const GAP_MS = 15;
const ANSWER_MS = 3_000;
/** An answer says so where the disk has not taken in time what was done. */
const NOT_DURABLE = 'not on the disk yet';

/**
 * Presses, doors and commands until the gateway dies or the load is stopped. What the gateway has
 * answered is noted in the ledger: it holds across its death.
 */
export class Load {
  readonly #world: World;
  readonly #life: Life;
  readonly #random: Random;
  readonly #asking = new Set<Promise<void>>();
  #isOver = false;
  /** A drill runs, as was answered; `undefined`: nobody knows. */
  isDrill: boolean | undefined;
  readonly #running: Promise<void>;

  constructor(world: World, life: Life, random: Random, deed: Deed) {
    this.#world = world;
    this.#life = life;
    this.#random = random;
    this.isDrill = world.isDrill;
    this.#running = deed === 'always' ? this.#crowd() : this.#one(deed);
  }

  /** Resolves when the last command was answered or has failed. */
  async stop(): Promise<void> {
    this.#isOver = true;
    await this.#running;
    await Promise.all(this.#asking);
  }

  get #goesOn(): boolean {
    return !this.#isOver && !this.#life.isOver;
  }

  async #crowd(): Promise<void> {
    while (this.#goesOn) {
      this.#act();
      await sleep(GAP_MS * 2 * this.#random());
    }
  }

  /** Presses before it, while it is under way, and after it. */
  async #one(deed: Exclude<Deed, 'always'>): Promise<void> {
    const random = this.#random;
    await this.#life.up;
    while (this.#goesOn) {
      for (let presses = randomBelow(random, 3); presses >= 0; presses -= 1) this.#world.press(random);
      await sleep(100 * random());
      if (deed === 'stop') this.#life.signal('SIGTERM');
      else await this.#endAlerts();
      const asked =
        deed === 'reload' ? this.#reload() : deed === 'update' ? this.#ask({ command: 'stopForUpdate' }) : undefined;
      if (random() < 0.5) this.#world.press(random);
      await Promise.all([asked, sleep(20)]);
    }
  }

  #act(): void {
    const random = this.#random;
    const draw = random();
    if (draw < 0.5) this.#world.press(random);
    else if (draw < 0.65) this.#world.door(random);
    else if (draw < 0.95) this.#endOne();
    else this.#drill();
  }

  #endOne(): void {
    const { console, ledger } = this.#world;
    const open = [...console.alerts.values()].filter(
      ({ id, state }) => state === 'acknowledged' && !ledger.isClosed(id),
    );
    const alert = open[randomBelow(this.#random, Math.max(1, open.length))];
    if (alert === undefined) return;
    const command = this.#random() < 0.3 ? 'cancel' : 'resolve';
    if (this.#random() < 0.3) {
      const asking = console.command(command, { alert: alert.id, reason: 'crash test' }).catch(() => undefined);
      // It may wait for a broker that is gone.
      void asking;
      return;
    }
    void this.#ask({ command, alert: alert.id, reason: 'crash test' }).then((ok) => {
      if (ok === true) ledger.closed(alert.id);
    });
  }

  /** One after the other: each answer tells what holds. */
  #drill(): void {
    if (this.#asking.size > 0) return;
    const action = this.#random() < 0.6 ? 'start' : 'stop';
    const before = this.isDrill;
    this.isDrill = undefined;
    void this.#ask({ command: 'drill', action, scope: this.#world.drillScope, minutes: 5, reason: 'crash test' }).then(
      (ok) => {
        if (ok === true) this.isDrill = action === 'start';
        else if (ok === false) this.isDrill = before;
      },
    );
  }

  async #endAlerts(): Promise<void> {
    for (let tries = 0; tries < 100 && this.#goesOn; tries += 1) {
      const status = await askQuestion(this.#world.site.data, 'status', ANSWER_MS).catch(() => undefined);
      if (status?.alerts.length === 0) return;
      for (const { id } of status?.alerts ?? [])
        await this.#ask({ command: 'resolve', alert: id, reason: 'crash test' });
      await sleep(10);
    }
  }

  async #reload(): Promise<void> {
    this.#world.changeSite();
    await this.#ask({ command: 'reload' });
  }

  /** @returns what was answered and holds; `undefined`: nothing, or not even the gateway knows */
  #ask(request: Readonly<Record<string, unknown>>): Promise<boolean | undefined> {
    const answer = askGateway(this.#world.site.data, { ...request, by: 'crash' }, ANSWER_MS).then(
      ({ ok, text }) => (text.includes(NOT_DURABLE) ? undefined : ok),
      () => undefined,
    );
    const settled = answer.then(() => {
      this.#asking.delete(settled);
    });
    this.#asking.add(settled);
    return answer;
  }
}
