import type { Lived } from './run-life.ts';
import { neverReached } from './sometimes/sometimes.ts';
import { STATES } from './sometimes/states.ts';
import { timeOf } from './timeline.ts';

/** The sum of all lives so far. */
export class SwarmReport {
  lives = 0;
  hours = 0;
  presses = 0;
  inputs = 0;
  readonly broken: Lived[] = [];
  /** How often each interesting state was reached, over all lives. */
  readonly states = new Map<string, number>();
  readonly #known: ReadonlySet<number>;

  /** @param known seeds whose lives are known to break a promise */
  constructor(known: readonly number[] = []) {
    this.#known = new Set(known);
  }

  add(lived: Lived): void {
    this.lives += 1;
    this.hours += lived.hours;
    this.presses += lived.presses;
    this.inputs += lived.inputs;
    for (const [state, count] of Object.entries(lived.states))
      this.states.set(state, (this.states.get(state) ?? 0) + count);
    if (lived.broken.length > 0) this.broken.push(lived);
  }

  get allHold(): boolean {
    return this.broken.length === 0;
  }

  /** Nothing is broken that was not known. */
  get holds(): boolean {
    return this.broken.every(({ seed }) => this.#known.has(seed));
  }

  get neverReached(): readonly string[] {
    return neverReached(this.states);
  }

  json(seconds: number): object {
    const { lives, hours, presses, inputs, allHold } = this;
    const broken = this.#inOrder().map(({ seed, hash, broken }) => ({ seed, hash, broken }));
    const states = Object.fromEntries(STATES.map((state) => [state, this.states.get(state) ?? 0]));
    return {
      ok: allHold,
      lives,
      hours,
      presses,
      inputs,
      seconds,
      broken,
      states,
      neverReached: this.neverReached,
    };
  }

  text(seconds: number, lifeHours: number): string[] {
    const { lives, hours, presses } = this;
    const pace = Math.round((hours / seconds) * 60);
    const lines = [
      `${lives} lives, ${hours} simulated hours, ${presses} presses in ${seconds.toFixed(1)} s (${pace} simulated hours a minute)`,
    ];
    for (const state of STATES) lines.push(`${String(this.states.get(state) ?? 0).padStart(8)}  ${state}`);
    const never = this.neverReached;
    for (const state of never) lines.push(`NEVER   ${state}`);
    lines.push(`${STATES.length - never.length} of ${STATES.length} interesting states were reached`);
    for (const one of this.#inOrder()) lines.push(...brokenLines(one, lifeHours, this.#known.has(one.seed)));
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
function brokenLines({ seed, broken }: Lived, hours: number, isKnown: boolean): string[] {
  const word = isKnown ? 'KNOWN ' : 'BROKEN';
  return [
    ...broken.map(({ promise, what, atMs }) => `${word}  seed ${seed} at ${timeOf(atMs)}: ${promise}: ${what}`),
    `        callpoint-sim replay --seed ${seed} --hours ${hours}`,
  ];
}
