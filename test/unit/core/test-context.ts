import { Context } from '../../../gateway/core/context.ts';
import type { Effect } from '../../../gateway/core/effect.ts';
import type { Report } from '../../../gateway/core/report.ts';
import type { Site } from '../../../gateway/core/site.ts';
import type { Timer } from '../../../gateway/core/timers.ts';
import { Troubles } from '../../../gateway/core/troubles/troubles.ts';
import { device, path, site } from '../../simulation/site.ts';

const WALL_MS = Date.UTC(2026, 8, 1);

/** The context of one part of the core, on simulated time, and its troubles. */
export class TestContext {
  readonly context: Context;
  readonly troubles: Troubles;
  /** Reports of troubles, in order. */
  readonly reports: Report[] = [];
  /** Effects so far, in the order they are carried out. */
  readonly effects: Effect[] = [];
  /** Runs when a timer fires. */
  onTimer: (timer: Timer) => void = () => undefined;

  constructor(of: Site = site([device(101)], [path('central')])) {
    this.context = new Context(of, 1, { monoMs: 0, wallMs: WALL_MS });
    this.context.withholdsAnswers = false;
    this.troubles = new Troubles(this.context, (report) => this.reports.push(report));
  }

  get nowMs(): number {
    return this.context.now.monoMs;
  }

  /** Texts of the reports of troubles. */
  get texts(): string[] {
    return this.reports.map(({ text }) => text);
  }

  /** What the published documents of troubles told the administrator, in order. */
  get details(): string[] {
    return this.of('publish').flatMap(({ publication: of }) =>
      of.kind === 'trouble' ? (of.document.detail ?? []) : [],
    );
  }

  /** Lets time pass and fires timers that are due meanwhile. */
  run(ms: number): void {
    const endMs = this.nowMs + ms;
    const { timers } = this.context;
    for (let dueMs = timers.nextMs(); dueMs !== undefined && dueMs <= endMs; dueMs = timers.nextMs()) {
      this.at(Math.max(dueMs, this.nowMs));
      const timer = timers.takeDue(dueMs);
      if (timer?.type === 'flappingEnd') this.troubles.flappingOver(timer.trouble, timer.subject);
      else if (timer !== undefined) this.onTimer(timer);
    }
    this.at(endMs);
    this.collect();
  }

  /** Lets time pass without firing timers. */
  at(monoMs: number): void {
    this.context.now = { monoMs, wallMs: WALL_MS + monoMs };
  }

  collect(): readonly Effect[] {
    this.effects.push(...this.context.takeEffects());
    return this.effects;
  }

  of<T extends Effect['type']>(type: T): Extract<Effect, { readonly type: T }>[] {
    return this.collect().filter((effect): effect is Extract<Effect, { readonly type: T }> => effect.type === type);
  }
}
