import { after } from '../../../protocol/clocks.ts';
import type { Context } from '../context.ts';
import type { Delivery } from '../delivery/delivery.ts';
import type { PathSupervision } from '../delivery/path-supervision.ts';
import type { CommandAnswer } from '../effect.ts';
import { canaryReport } from '../make-report.ts';
import type { Report } from '../report.ts';
import type { Canary, Device } from '../site.ts';
import type { Troubles } from '../troubles/troubles.ts';

/** How long the output closes the canary's contact. */
const PRESS_MS = 500;
/** The first canary press comes this long after a start, when the inputs and paths are up. */
const FIRST_MS = 60_000;
const LATE = { type: 'canaryLate' } as const;

interface CanaryDeps {
  submit(report: Report, to: readonly string[]): void;
  withdraw(report: string): void;
  paths(): ReadonlyMap<string, PathSupervision>;
  readonly troubles: Troubles;
}

/**
 * A press that the gateway makes itself, through a real input, to each path's far end and back. It
 * proves what only a press can prove. Every press of the canary's button is a test, no matter what
 * pressed it.
 */
export class CanaryTest {
  readonly #canary: Canary;
  readonly #context: Context;
  readonly #deps: CanaryDeps;
  #pressed = false;
  #heard = false;
  #report: string | undefined;
  readonly #awaited = new Set<string>();

  constructor(canary: Canary, context: Context, deps: CanaryDeps) {
    this.#canary = canary;
    this.#context = context;
    this.#deps = deps;
  }

  /** Its output is on. */
  get presses(): boolean {
    return this.#pressed;
  }

  start(): void {
    const { intervalMs, output } = this.#canary;
    this.#awaitNext(output === undefined ? intervalMs : Math.min(FIRST_MS, intervalMs));
  }

  isCanary(device: Device, button: number): boolean {
    return device.id === this.#canary.device && button === this.#canary.button;
  }

  pressNow(): CommandAnswer {
    if (this.#canary.output === undefined) {
      return { ok: false, text: 'the canary has no output: press its button' };
    }
    this.due();
    return {
      ok: true,
      text: `canary pressed; a trouble is raised if not all paths have it in ${this.#canary.withinMs / 1000} s`,
    };
  }

  /** A canary press is due. */
  due(): void {
    const { intervalMs, withinMs, output } = this.#canary;
    const { timers, now } = this.#context;
    this.#awaitNext(intervalMs);
    if (output === undefined) {
      // An external device presses the canary, and had the whole interval to do so.
      if (!this.#heard) this.late();
      this.#heard = false;
      return;
    }
    this.#heard = false;
    timers.set(LATE, after(now.monoMs, withinMs));
    this.#pressed = true;
    timers.set({ type: 'canaryRelease' }, after(now.monoMs, PRESS_MS));
    this.#context.log('info', 'canary.pressed', { output });
  }

  release(): void {
    this.#pressed = false;
  }

  heard(id: string, device: Device, zone: number): void {
    const { now, timers } = this.#context;
    if (this.#report !== undefined) this.#deps.withdraw(this.#report);
    this.#heard = true;
    this.#report = id;
    this.#awaited.clear();
    const to: string[] = [];
    for (const [path, supervision] of this.#deps.paths()) {
      if (supervision.path.liveOnly) continue;
      to.push(path);
      // A path that is down has a trouble already.
      if (supervision.state !== 'down') this.#awaited.add(path);
    }
    this.#context.log('info', 'canary.heard', { report: id });
    if (!timers.has(LATE)) timers.set(LATE, after(now.monoMs, this.#canary.withinMs));
    this.#deps.submit(canaryReport(id, zone, device.location.text, now.wallMs), to);
    this.#ifComplete();
  }

  /** A reload has removed paths, or begun them anew. Their acknowledgements would never come. */
  pathsGone(paths: readonly string[]): void {
    for (const path of paths) this.#awaited.delete(path);
    if (paths.length > 0 && this.#heard) this.#ifComplete();
  }

  /** A path has finished with a report that goes to several paths. */
  doneOn(report: Report, { state }: Delivery, path: string): void {
    if (report.id !== this.#report || (state !== 'acknowledged' && state !== 'handedOver')) return;
    this.#deps.paths().get(path)?.canaryAcknowledged();
    this.#awaited.delete(path);
    this.#ifComplete();
  }

  /** The time is up: raises a trouble if the press or an acknowledgement is missing. */
  late(): void {
    const paths = [...this.#awaited];
    if (this.#heard && paths.length === 0) return;
    const what = this.#heard ? `not acknowledged on ${paths.join(', ')}` : `not heard from ${this.#canary.device}`;
    const seconds = this.#canary.withinMs / 1000;
    this.#deps.troubles.raise('canaryFailed', 'canary', { text: `Canary press ${what} within ${seconds} s` });
  }

  #ifComplete(): void {
    // Until the new press is heard, acknowledgements belong to the previous one.
    if (!this.#heard || this.#report === undefined || this.#awaited.size > 0) return;
    this.#context.timers.clear(LATE);
    this.#deps.troubles.restore('canaryFailed', 'canary');
  }

  #awaitNext(waitMs: number): void {
    this.#context.timers.set({ type: 'canaryDue' }, after(this.#context.now.monoMs, waitMs));
  }
}
