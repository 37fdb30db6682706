import { after, type MonoMs } from '../../../protocol/clocks.ts';
import type { Context } from '../context.ts';
import { invariant } from '../invariant.ts';
import type { Sequences } from '../journal-record.ts';
import { LatinSpelling } from '../latin.ts';
import type { Report } from '../report.ts';
import type { Path } from '../site.ts';
import { beginAnew, type Delivery, type KeptDelivery, newDelivery } from './delivery.ts';
import { type Dispatch, type DispatchEvents, isDone, isRefusedSoFar } from './dispatch.ts';
import { PathQueue } from './path-queue.ts';
import type { PathSupervision } from './path-supervision.ts';
import { reroute } from './reroute.ts';
import { AlarmRoutes, plannedRoute, type Route, type RouteStep, routeToEach } from './route.ts';
import { SequenceNumbers } from './sequence-numbers.ts';

const NOTHING_KEPT: ReadonlyMap<string, KeptDelivery> = new Map();
interface SubmitOptions {
  /**
   * For each path, how far the report had come before a restart. It continues on every path it was
   * on.
   */
  readonly kept?: ReadonlyMap<string, KeptDelivery>;
  /** Each of these paths must have it, whatever the plan says. */
  readonly to?: readonly string[] | undefined;
}

/**
 * Sends each report by its plan. The paths at the plan's start begin at once. The next path joins
 * when its time has come, when the attempts on all earlier paths have failed, or when those paths
 * are down. A report is retried until the plan's completion condition (`Plan.done`) is met.
 */
export class Dispatcher {
  readonly #context: Context;
  readonly #events: DispatchEvents;
  readonly #queues = new Map<string, PathQueue>();
  readonly #supervision: ReadonlyMap<string, PathSupervision>;
  readonly sequences: SequenceNumbers;
  #latin: LatinSpelling;
  readonly #plannedRoutes = new AlarmRoutes();
  readonly #dispatches = new Map<string, Dispatch>();
  /** Reports that wait for the end of the report they follow, by its id. */
  readonly #followers = new Map<string, Dispatch[]>();
  #order = 0;

  constructor(context: Context, supervision: ReadonlyMap<string, PathSupervision>, events: DispatchEvents) {
    this.#context = context;
    this.#supervision = supervision;
    this.#events = events;
    this.#latin = new LatinSpelling(context.site.latin ?? new Map());
    this.sequences = new SequenceNumbers(context.site.paths.map((path) => path.id));
    for (const path of context.site.paths) this.#queues.set(path.id, this.#makeQueue(path));
  }

  /** Every path of the site has a queue: any other name is a defect. */
  queue(path: string): PathQueue {
    const queue = this.#queues.get(path);
    invariant(queue !== undefined, `there is no path ${path}`);
    return queue;
  }

  /** The alarms that are not settled, with every path that has joined or may join. */
  *openAlarms(): Iterable<{ readonly id: string; readonly paths: readonly string[] }> {
    for (const { report, route } of this.#dispatches.values()) {
      if (report.class !== 'alarm') continue;
      yield { id: report.id, paths: (route?.steps ?? []).map(({ path }) => path.id) };
    }
  }

  /** A reload has changed the site. What a changed path has not delivered goes out again on it. */
  adopt({ added, removed, changed }: { readonly [how in 'added' | 'removed' | 'changed']: readonly string[] }): void {
    const { site, now } = this.#context;
    this.#latin = new LatinSpelling(site.latin ?? new Map());
    const left = new Map([...removed, ...changed].map((id) => [id, this.queue(id).close()]));
    for (const id of removed) {
      for (const delivery of left.get(id) ?? []) delivery.state = 'withdrawn';
      this.#queues.delete(id);
      this.sequences.remove(id);
    }
    for (const path of site.paths) {
      if (added.includes(path.id)) this.sequences.add(path.id, now.monoMs);
      if (added.includes(path.id) || changed.includes(path.id)) this.#queues.set(path.id, this.#makeQueue(path));
    }
    const queued = changed.flatMap((id) =>
      (left.get(id) ?? []).map((delivery) => ({ queue: this.queue(id), delivery })),
    );
    for (const { queue, delivery } of queued) beginAnew(delivery, queue.path.formats);
    for (const dispatch of [...this.#dispatches.values()]) this.#reroute(dispatch);
    for (const { queue, delivery } of queued) if (this.#dispatches.has(delivery.report.id)) queue.submit(delivery);
  }

  /** True until the report's plan is complete or every path has finished with it. */
  isOpen(report: string): boolean {
    return this.#dispatches.has(report);
  }

  /**
   * The next sequence number of every path, to be made durable with the report before it is
   * submitted.
   */
  reserve(): Sequences {
    return this.sequences.reserve();
  }

  /** `undefined`: no path takes the report, such as a drill where all are live-only. */
  submit(report: Report, sequences: Sequences, { kept = NOTHING_KEPT, to }: SubmitOptions = {}): Dispatch | undefined {
    this.#order += 1;
    const order = this.#order;
    const deliveries = new Map<string, Delivery>();
    const dispatch: Dispatch = {
      report,
      order,
      sequences,
      kept,
      deliveries,
      route: undefined,
      to,
      lastJoined: 0,
      sent: false,
      isClosed: false,
    };
    this.#dispatches.set(report.id, dispatch);
    this.sequences.take(sequences);
    const before = report.follows;
    if (before === undefined || !this.#dispatches.has(before)) return this.#begin(dispatch) ? dispatch : undefined;
    this.#followers.set(before, [...(this.#followers.get(before) ?? []), dispatch]);
    return dispatch;
  }

  /**
   * A newer report replaces this one: no further attempt anywhere. Returns the report if it was not
   * finished.
   */
  withdraw(reportId: string): Report | undefined {
    const dispatch = this.#dispatches.get(reportId);
    if (dispatch === undefined) return undefined;
    for (const queue of this.#queues.values()) queue.withdraw(reportId);
    this.#forgetFollower(dispatch);
    this.#end(dispatch);
    return dispatch.report;
  }

  /**
   * The alert of this alarm is closed. It still goes out, and its end after it, but not for ever to
   * receivers that can't process it: a drill each month must not leave a hundred alarms each time.
   */
  alertClosed(reportId: string): void {
    const dispatch = this.#dispatches.get(reportId);
    if (dispatch === undefined) return;
    dispatch.isClosed = true;
    this.#endIfRefused(dispatch);
  }

  /** The join timer of a report fired. */
  joinDue(reportId: string): void {
    const dispatch = this.#dispatches.get(reportId);
    if (dispatch !== undefined) this.#joinNext(dispatch);
  }

  #begin(dispatch: Dispatch): boolean {
    const route = this.#routeOf(dispatch);
    dispatch.route = route;
    if (route.steps.length === 0) {
      this.#end(dispatch);
      this.#events.ended(dispatch.report, { how: 'doneEverywhere' });
      return false;
    }
    const stillKept = ({ path }: RouteStep) => dispatch.kept.has(path.id);
    do this.#joinNext(dispatch);
    while (route.steps.slice(dispatch.deliveries.size).some(stillKept));
    return true;
  }

  #reroute(dispatch: Dispatch): void {
    const { report, route, deliveries } = dispatch;
    // It has not begun, and will by the new site.
    if (route === undefined) return;
    const { site } = this.#context;
    const planned = route.ends === 'each' || report.class === 'alarm' ? route : plannedRoute(report, site);
    dispatch.lastJoined = reroute(dispatch, planned, site);
    if (dispatch.route?.steps.length === 0) {
      this.#end(dispatch);
      this.#events.ended(report, { how: 'doneEverywhere' });
    } else if (deliveries.size === 0 || this.#areHopeless(dispatch)) this.#joinNext(dispatch);
    if (!this.#dispatches.has(report.id)) return;
    if (route.ends === 'first') this.#endIfTriedEverywhere(dispatch);
    else this.#endIfDone(dispatch);
  }

  #routeOf({ report, to }: Dispatch): Route {
    const { site } = this.#context;
    if (to !== undefined) return routeToEach(report, site, to);
    if (report.class === 'alarm') return this.#plannedRoutes.of(report, site);
    const paths = this.#attemptedPaths(report);
    return paths === undefined ? plannedRoute(report, site) : routeToEach(report, site, paths);
  }

  /**
   * The paths of a report about an alert. They are journalled, because the alert itself may be
   * forgotten before this report is settled.
   */
  #attemptedPaths({ id, alert }: Report): readonly string[] | undefined {
    const to = alert === undefined ? undefined : this.#events.attemptedPaths(alert.id);
    if (to !== undefined) this.#context.journal({ t: 'routed', at: this.#context.now.wallMs, report: id, to });
    return to;
  }

  /** The next step, and the steps that start together with it. */
  #joinNext(dispatch: Dispatch): void {
    const steps = dispatch.route?.steps ?? [];
    const join = { type: 'joinPath', report: dispatch.report.id } as const;
    this.#context.timers.clear(join);
    if (dispatch.deliveries.size >= steps.length) return;
    dispatch.lastJoined = dispatch.deliveries.size;
    do this.#join(dispatch, steps[dispatch.deliveries.size]);
    while (steps[dispatch.deliveries.size]?.afterMs === 0);
    const next = steps[dispatch.deliveries.size];
    if (next === undefined) return;
    const { timers, now } = this.#context;
    if (this.#areHopeless(dispatch)) this.#joinNext(dispatch);
    else timers.set(join, after(now.monoMs, next.afterMs));
  }

  /** The paths that joined last can't deliver soon: waiting for them would gain nothing. */
  #areHopeless({ route, deliveries, lastJoined }: Dispatch): boolean {
    const last = route?.steps.slice(lastJoined, deliveries.size) ?? [];
    return last.every(({ path }) => {
      const delivery = deliveries.get(path.id);
      const failed = delivery !== undefined && (delivery.failures > 0 || delivery.state === 'refused');
      return failed || this.queue(path.id).rests || this.#supervision.get(path.id)?.state === 'down';
    });
  }

  #join(dispatch: Dispatch, step: RouteStep | undefined): void {
    invariant(step !== undefined, `no path is left for ${dispatch.report.id}`);
    const { path } = step;
    const { report, order, sequences } = dispatch;
    // A path added to the configuration while the report was open has no number yet.
    const sequence = sequences[path.id] ?? this.sequences.next(path.id);
    const kept = dispatch.kept.get(path.id);
    const spelt = path.latinOnly === true ? this.#latin.report(report) : report;
    const delivery = newDelivery(spelt, order, sequence, kept);
    dispatch.deliveries.set(path.id, delivery);
    // A paging terminal can't distinguish a repeat from a second emergency.
    if (kept?.done === undefined) this.queue(path.id).submit(delivery);
    else delivery.state = kept.done;
  }

  #makeQueue(path: Path): PathQueue {
    const supervision = this.#supervision.get(path.id);
    invariant(supervision !== undefined, `path ${path.id} has no supervision`);
    return new PathQueue(path, this.#context, supervision, {
      nextSequence: () => this.sequences.next(path.id),
      sent: (delivery, atMs) => this.#sent(delivery, atMs),
      settled: (delivery) => this.#settled(delivery, path),
      attemptFailed: (delivery) => this.#attemptFailed(delivery),
    });
  }

  #sent(delivery: Delivery, atMs: MonoMs): void {
    const dispatch = this.#dispatches.get(delivery.report.id);
    if (dispatch === undefined || dispatch.sent) return;
    dispatch.sent = true;
    this.#events.sent(delivery.report, atMs);
  }

  #settled(delivery: Delivery, path: Path): void {
    const { report } = delivery;
    const dispatch = this.#dispatches.get(report.id);
    if (dispatch?.route === undefined) {
      this.#events.progressed(report, delivery, path.id);
      return;
    }
    if (dispatch.route.ends === 'each') this.#settledOnOne(dispatch, delivery, path);
    else if (delivery.state === 'acknowledged') this.#done(dispatch, path, 'acknowledged');
    else if (delivery.state === 'handedOver' && dispatch.route.done === 'handedOver') {
      this.#done(dispatch, path, 'handedOver');
    } else {
      if (delivery.state === 'refused' && this.#areHopeless(dispatch)) this.#joinNext(dispatch);
      this.#events.progressed(report, delivery, path.id);
      this.#endIfTriedEverywhere(dispatch);
      this.#endIfRefused(dispatch);
    }
  }

  #done(dispatch: Dispatch, path: Path, how: 'acknowledged' | 'handedOver'): void {
    const { report } = dispatch;
    for (const [id, queue] of this.#queues) if (id !== path.id) queue.withdraw(report.id);
    this.#end(dispatch);
    this.#events.ended(report, { how, path: path.id });
  }

  #settledOnOne(dispatch: Dispatch, delivery: Delivery, path: Path): void {
    this.#events.doneOn(dispatch.report, delivery, path.id);
    this.#endIfDone(dispatch);
  }

  #endIfDone(dispatch: Dispatch): void {
    if (![...dispatch.deliveries.values()].every(isDone)) return;
    this.#end(dispatch);
    this.#events.ended(dispatch.report, { how: 'doneEverywhere' });
  }

  #endIfTriedEverywhere(dispatch: Dispatch): void {
    const { report, deliveries, route } = dispatch;
    const states = [...deliveries.values()].map((delivery) => delivery.state);
    if (states.length < (route?.steps.length ?? 0)) return;
    if (!states.every((state) => state === 'refused' || state === 'handedOver')) return;
    invariant(report.class !== 'alarm' || !states.includes('refused'), `the alarm ${report.id} was given up`);
    this.#end(dispatch);
    this.#events.ended(report, { how: states.includes('handedOver') ? 'handedOverEverywhere' : 'refusedEverywhere' });
  }

  #attemptFailed(delivery: Delivery): void {
    const dispatch = this.#dispatches.get(delivery.report.id);
    // The report was withdrawn while this attempt was under way.
    if (dispatch === undefined) return;
    if (this.#areHopeless(dispatch)) this.#joinNext(dispatch);
    if (delivery.lastEnd === 'content' && delivery.contentRefusals === 1) this.#refusedOnOne(dispatch);
    this.#endIfRefused(dispatch);
  }

  #endIfRefused(dispatch: Dispatch): void {
    const { isClosed, report } = dispatch;
    if (!isClosed || !this.#dispatches.has(report.id) || !isRefusedSoFar(dispatch)) return;
    for (const queue of this.#queues.values()) queue.withdraw(report.id);
    this.#end(dispatch);
    this.#events.ended(report, { how: 'refusedEverywhere' });
  }

  #refusedOnOne({ report, deliveries, route }: Dispatch): void {
    if (deliveries.size < (route?.steps.length ?? 0)) return;
    if ([...deliveries.values()].every(({ lastEnd }) => lastEnd === 'content')) this.#events.refusedSoFar(report);
  }

  #forgetFollower({ report: { id, follows = '' } }: Dispatch): void {
    const waiting = this.#followers.get(follows)?.filter(({ report }) => report.id !== id);
    if (waiting !== undefined) this.#followers.set(follows, waiting);
  }

  #end(dispatch: Dispatch): void {
    const { id } = dispatch.report;
    this.#dispatches.delete(id);
    this.sequences.release(dispatch.sequences);
    this.#context.timers.clear({ type: 'joinPath', report: id });
    const followers = this.#followers.get(id) ?? [];
    this.#followers.delete(id);
    for (const follower of followers) this.#begin(follower);
  }
}
