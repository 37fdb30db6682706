import type { AlertBounds } from '../../../gateway/core/alerts/surplus-alerts.ts';
import { Context } from '../../../gateway/core/context.ts';
import { CoreParts } from '../../../gateway/core/core-parts.ts';
import type { Effect } from '../../../gateway/core/effect.ts';
import { fireTimer } from '../../../gateway/core/fire-timer.ts';
import type { JournalRecord } from '../../../gateway/core/journal-record.ts';
import type { Attempt, Outcome } from '../../../gateway/core/report.ts';
import type { Path, Site } from '../../../gateway/core/site.ts';
import type { Publication } from '../../../protocol/mqtt-documents.ts';
import { device, path, site } from '../../simulation/site.ts';

export const WALL_MS = Date.UTC(2026, 10, 28, 9);
const OFF = { ...path('central').supervision, mode: 'off' } as const;

/** A path that sends no polls of its own. */
export function quietPath(id: string, changes: Partial<Path> = {}): Path {
  return path(id, { supervision: OFF, ...changes });
}

export function quietSite(changes: Partial<Site> = {}): Site {
  return { ...site([device(101), device(102)], [quietPath('central')]), ...changes };
}

type DocumentOf<K extends Publication['kind']> = Extract<Publication, { readonly kind: K }>['document'];

/** The parts of the core for separate tests, with all their effects so far. */
export class PartsRig {
  readonly context: Context;
  readonly parts: CoreParts;
  readonly effects: Effect[] = [];

  constructor(of: Site = quietSite(), session = 7, bounds?: AlertBounds) {
    this.context = new Context(of, session, { monoMs: 1_000, wallMs: WALL_MS });
    this.context.withholdsAnswers = false;
    this.parts = new CoreParts(this.context, bounds);
  }

  get monoMs(): number {
    return this.context.now.monoMs;
  }

  /** Returns effects since the last call. They also stay in `effects`. */
  take(): readonly Effect[] {
    const effects = this.context.takeEffects();
    this.effects.push(...effects);
    return effects;
  }

  /** Lets time pass and fires due timers. */
  pass(ms: number): void {
    const untilMs = this.monoMs + ms;
    for (let next = this.context.timers.nextMs(); next !== undefined && next <= untilMs; ) {
      this.#at(Math.max(next, this.monoMs));
      const timer = this.context.timers.takeDue(this.monoMs);
      if (timer !== undefined) fireTimer(timer, this.parts);
      next = this.context.timers.nextMs();
    }
    this.#at(untilMs);
    this.take();
  }

  /** Lets the far ends answer every waiting attempt. */
  answer(outcome: Outcome, to?: string): void {
    for (const attempt of this.attempts()) {
      if (this.#answered.has(attempt.attempt) || (to !== undefined && attempt.path !== to)) continue;
      this.#answered.add(attempt.attempt);
      this.parts.dispatcher.queue(attempt.path)?.outcome(attempt.attempt, outcome);
    }
    this.take();
  }

  attempts(): readonly Attempt[] {
    this.take();
    return this.effects.flatMap((effect) => (effect.type === 'send' ? [effect.attempt] : []));
  }

  records(): readonly JournalRecord[] {
    this.take();
    return this.effects.flatMap((effect) => (effect.type === 'journal' ? [effect.entry.record] : []));
  }

  /** Makes every record so far durable. */
  makeDurable(): void {
    this.take();
    const numbers = this.effects.flatMap((effect) => (effect.type === 'journal' ? [effect.number] : []));
    this.parts.alerts.durable(Math.max(0, ...numbers));
    this.take();
  }

  published<K extends Publication['kind']>(kind: K): readonly DocumentOf<K>[] {
    this.take();
    return this.effects.flatMap((effect) => {
      const isIt = effect.type === 'publish' && effect.publication.kind === kind;
      return isIt ? [effect.publication.document as DocumentOf<K>] : [];
    });
  }

  /** Returns the statuses sent to walls, in order. */
  walls(): readonly string[] {
    this.take();
    return this.effects.flatMap((effect) => {
      return effect.type === 'answer' ? [`${effect.device} ${effect.identity.counter} ${effect.status}`] : [];
    });
  }

  readonly #answered = new Set<number>();

  #at(monoMs: number): void {
    this.context.now = { monoMs, wallMs: this.context.now.wallMs + monoMs - this.monoMs };
  }
}
