import type { Lived } from './run-life.ts';
import { timeOf } from './timeline.ts';

/** The sum of all lives so far. */
export class SwarmReport {
  lives = 0;
  hours = 0;
  presses = 0;
  inputs = 0;
  readonly broken: Lived[] = [];

  add(lived: Lived): void {
    this.lives += 1;
    this.hours += lived.hours;
    this.presses += lived.presses;
    this.inputs += lived.inputs;
    if (lived.broken.length > 0) this.broken.push(lived);
  }

  get allHold(): boolean {
    return this.broken.length === 0;
  }

  json(seconds: number): object {
    const { lives, hours, presses, inputs, allHold } = this;
    const broken = this.#inOrder().map(({ seed, hash, broken }) => ({ seed, hash, broken }));
    return { ok: allHold, lives, hours, presses, inputs, seconds, broken };
  }

  text(seconds: number, lifeHours: number): string[] {
    const { lives, hours, presses } = this;
    const pace = Math.round((hours / seconds) * 60);
    const lines = [
      `${lives} lives, ${hours} simulated hours, ${presses} presses in ${seconds.toFixed(1)} s (${pace} simulated hours a minute)`,
    ];
    for (const one of this.#inOrder()) lines.push(...brokenLines(one, lifeHours));
    lines.push(
      this.allHold ? 'every promise holds in every life' : `${this.broken.length} of ${lives} lives break a promise`,
    );
    return lines;
  }

  #inOrder(): Lived[] {
    return [...this.broken].sort((one, other) => one.seed - other.seed);
  }
}

/** What was broken, and the one command that shows it. */
function brokenLines({ seed, broken }: Lived, hours: number): string[] {
  return [
    ...broken.map(({ promise, what, atMs }) => `BROKEN  seed ${seed} at ${timeOf(atMs)}: ${promise}: ${what}`),
    `        callpoint-sim replay --seed ${seed} --hours ${hours}`,
  ];
}
