import type { Context } from './context.ts';
import type { Delivery } from './delivery.ts';
import type { Sequences } from './journal-record.ts';
import { PathQueue } from './path-queue.ts';
import type { PathSupervision } from './path-supervision.ts';
import type { Report } from './report.ts';
import { SequenceNumbers } from './sequence-numbers.ts';
import type { Path } from './site.ts';

/** What became of a report, for whoever made it. */
export interface DispatchEvents {
  /** First byte on any path, once a report. */
  sent(report: Report, atMs: number): void;
  /** A receiver acknowledged, once a report. */
  acknowledged(report: Report, path: string): void;
  /** Every path's receiver said it can't process the report. */
  refusedEverywhere(report: Report): void;
  /** No receiver has acknowledged, and none will: every path has handed the report over, or its receiver can't process it. */
  handedOverEverywhere(report: Report): void;
}

/** One report over all the paths that have joined so far. */
export interface Dispatch {
  readonly report: Report;
  readonly order: number;
  readonly sequences: Sequences;
  /** In the order they join. */
  readonly paths: readonly Path[];
  readonly kept: ReadonlyMap<string, KeptDelivery>;
  readonly deliveries: Map<string, Delivery>;
  sent: boolean;
}

/** What the journal kept of a report that was on its way when the gateway stopped. */
export interface KeptDelivery {
  readonly attempts: number;
  readonly format: number;
}

const NOTHING_KEPT: ReadonlyMap<string, KeptDelivery> = new Map();

export interface SubmitOptions {
  /** By path, how far the report had come before a restart; it goes on over every path it was on. */
  readonly kept?: ReadonlyMap<string, KeptDelivery>;
  /** Path to begin with: the one whose receiver has what the report takes back. */
  readonly first?: string | undefined;
}

/**
 * Sends each report over the first path at once and over the next one when no receiver has acknowledged in `nextPathMs`, when the
 * attempt failed, or when the path is known to be down. Ends when a receiver acknowledges; until then, never.
 */
export class Dispatcher {
  readonly #context: Context;
  readonly #events: DispatchEvents;
  readonly #queues = new Map<string, PathQueue>();
  readonly #supervision: ReadonlyMap<string, PathSupervision>;
  readonly sequences: SequenceNumbers;
  readonly #dispatches = new Map<string, Dispatch>();
  /** Reports that wait for the end of the one they follow, by its id. */
  readonly #followers = new Map<string, Dispatch[]>();
  #order = 0;

  constructor(context: Context, supervision: ReadonlyMap<string, PathSupervision>, events: DispatchEvents) {
    this.#context = context;
    this.#supervision = supervision;
    this.#events = events;
    this.sequences = new SequenceNumbers(context.site.paths.map((path) => path.id));
    for (const path of context.site.paths) this.#queues.set(path.id, this.#makeQueue(path));
  }

  queue(path: string): PathQueue | undefined {
    return this.#queues.get(path);
  }

  /** True until a receiver has acknowledged the report, or every path has done with it. */
  isOpen(report: string): boolean {
    return this.#dispatches.has(report);
  }

  /** The next sequence number of every path, to be made durable with the report before it is submitted. */
  reserve(): Sequences {
    return this.sequences.reserve();
  }

  submit(report: Report, sequences: Sequences, { kept = NOTHING_KEPT, first }: SubmitOptions = {}): Dispatch {
    this.#order += 1;
    const order = this.#order;
    const paths = this.#pathsFrom(first);
    const dispatch: Dispatch = { report, order, sequences, paths, kept, deliveries: new Map(), sent: false };
    this.#dispatches.set(report.id, dispatch);
    this.sequences.take(sequences);
    const before = report.follows;
    if (before === undefined || !this.#dispatches.has(before)) this.#begin(dispatch);
    else this.#followers.set(before, [...(this.#followers.get(before) ?? []), dispatch]);
    return dispatch;
  }

  /** The join timer of a report fired. */
  joinDue(reportId: string): void {
    const dispatch = this.#dispatches.get(reportId);
    if (dispatch !== undefined) this.#joinNext(dispatch);
  }

  #begin(dispatch: Dispatch): void {
    do this.#joinNext(dispatch);
    while (dispatch.paths.slice(dispatch.deliveries.size).some((path) => dispatch.kept.has(path.id)));
  }

  #pathsFrom(first: string | undefined): readonly Path[] {
    const { paths } = this.#context.site;
    const begin = paths.find((path) => path.id === first);
    return begin === undefined ? paths : [begin, ...paths.filter((path) => path !== begin)];
  }

  #joinNext(dispatch: Dispatch): void {
    const { site, timers, now } = this.#context;
    const key = joinKey(dispatch.report.id);
    timers.clear(key);
    const path = dispatch.paths[dispatch.deliveries.size];
    if (path === undefined) return;
    this.#join(dispatch, path);
    if (dispatch.deliveries.size >= dispatch.paths.length) return;
    if (this.#supervision.get(path.id)?.state === 'down') this.#joinNext(dispatch);
    else timers.set(key, now.monoMs + site.deadlines.nextPathMs, { type: 'joinPath', report: dispatch.report.id });
  }

  #join(dispatch: Dispatch, path: Path): void {
    const { report, order, sequences } = dispatch;
    const kept = dispatch.kept.get(path.id);
    const delivery: Delivery = {
      report,
      order,
      // A path that was added to the configuration while the report was open has no number yet.
      sequence: sequences[path.id] ?? this.sequences.next(path.id),
      state: 'queued',
      attempts: kept?.attempts ?? 0,
      failures: 0,
      wrongTimes: 0,
      format: kept?.format ?? 0,
    };
    dispatch.deliveries.set(path.id, delivery);
    this.#queues.get(path.id)?.submit(delivery);
  }

  #makeQueue(path: Path): PathQueue {
    return new PathQueue(path, this.#context, {
      sent: (delivery, atMs) => this.#sent(delivery, atMs),
      settled: (delivery) => this.#settled(delivery, path),
      attemptFailed: (delivery) => this.#attemptFailed(delivery, path),
      clockRefused: (refused) => this.#supervision.get(path.id)?.clockRefused(refused),
      reached: (rttMs) => this.#supervision.get(path.id)?.reached(rttMs),
      unreached: (detail) => this.#supervision.get(path.id)?.unreached(detail),
      probeAnswered: (outcome) => this.#supervision.get(path.id)?.probeAnswered(outcome),
    });
  }

  #sent(delivery: Delivery, atMs: number): void {
    const dispatch = this.#dispatches.get(delivery.report.id);
    if (dispatch === undefined || dispatch.sent) return;
    dispatch.sent = true;
    this.#events.sent(delivery.report, atMs);
  }

  #settled(delivery: Delivery, path: Path): void {
    const { report } = delivery;
    const dispatch = this.#dispatches.get(report.id);
    if (dispatch === undefined) return;
    if (delivery.state === 'acknowledged') {
      this.#end(dispatch);
      for (const [id, queue] of this.#queues) if (id !== path.id) queue.withdraw(report.id);
      this.#events.acknowledged(report, path.id);
      return;
    }
    if (delivery.state === 'refused') {
      this.#joinNext(dispatch);
      this.#supervision.get(path.id)?.refuses(report);
    }
    this.#endIfTriedEverywhere(dispatch);
  }

  #endIfTriedEverywhere(dispatch: Dispatch): void {
    const { report, deliveries, paths } = dispatch;
    const states = [...deliveries.values()].map((delivery) => delivery.state);
    if (states.length < paths.length || !states.every((state) => state === 'refused' || state === 'handedOver')) return;
    this.#end(dispatch);
    if (states.includes('handedOver')) this.#events.handedOverEverywhere(report);
    else this.#events.refusedEverywhere(report);
  }

  /** The path joined last has just failed: waiting out the rest of `nextPathMs` would gain nothing. */
  #attemptFailed(delivery: Delivery, path: Path): void {
    const dispatch = this.#dispatches.get(delivery.report.id);
    if (dispatch === undefined) return;
    const last = dispatch.paths[dispatch.deliveries.size - 1];
    if (last?.id === path.id) this.#joinNext(dispatch);
  }

  #end(dispatch: Dispatch): void {
    const { id } = dispatch.report;
    this.#dispatches.delete(id);
    this.sequences.release(dispatch.sequences);
    this.#context.timers.clear(joinKey(id));
    const followers = this.#followers.get(id) ?? [];
    this.#followers.delete(id);
    for (const follower of followers) this.#begin(follower);
  }
}

function joinKey(report: string): string {
  return `join:${report}`;
}
