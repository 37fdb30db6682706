import type { AlertBook } from '../alerts/alert-book.ts';
import type { Drills } from '../alerts/drills.ts';
import type { Context } from '../context.ts';
import type { KeptDelivery } from '../delivery/delivery.ts';
import type { Dispatcher } from '../delivery/dispatcher.ts';
import { plannedRoute } from '../delivery/route.ts';
import type { DeviceSupervision } from '../devices/device-supervision.ts';
import type { RemovedDevices } from '../devices/removed-devices.ts';
import type { SignalHandler } from '../devices/signal-handler.ts';
import { isWalkTestReport } from '../make-report.ts';
import type { Report } from '../report.ts';
import { possibleTroubles } from '../troubles/possible-troubles.ts';
import type { Troubles } from '../troubles/troubles.ts';
import type { WalkTestParts } from '../walk-test/walk-test-parts.ts';
import type { KeptReport, RecoveredState } from './recovered-state.ts';

/** The parts that continue the work of an earlier run. */
interface RecoveryDeps {
  readonly context: Context;
  readonly devices: ReadonlyMap<string, DeviceSupervision>;
  readonly removed: RemovedDevices;
  readonly dispatcher: Dispatcher;
  readonly signals: SignalHandler;
  readonly troubles: Troubles;
  readonly drills: Drills;
  readonly alerts: AlertBook;
  settle(report: Report): void;
  readonly walkTest: Pick<WalkTestParts, 'recover'>;
  resolveExercises(): void;
}

/** Continues the counters: a repeat is not new, and no sequence number returns. */
export function recoverCounters(recovered: RecoveredState, deps: RecoveryDeps): void {
  const { context, devices, dispatcher, removed } = deps;
  const { windows, buttons, packets, sequences } = recovered;
  const { monoMs } = context.now;
  for (const { id } of context.site.paths) dispatcher.sequences.recover(id, sequences.get(id), monoMs);
  dispatcher.sequences.rememberRemoved(sequences);
  removed.recover(recovered, devices);
  for (const [device, heard] of windows) devices.get(device)?.numbering.recover(heard);
  for (const [device, heard] of buttons) devices.get(device)?.buttons.recover(heard);
  for (const [device, packet] of packets) devices.get(device)?.numbering.recoverPacket(packet, monoMs);
}

/**
 * Sends unacknowledged reports again, with the same ids and sequence numbers. Troubles that stood
 * still stand.
 */
export function recoverOpen(recovered: RecoveredState, deps: RecoveryDeps): void {
  const { context, dispatcher, drills, signals, troubles } = deps;
  deps.walkTest.recover(recovered.walkTest, recovered.proven);
  for (const trouble of recovered.troubles) troubles.recoverStanding(trouble);
  for (const kept of recovered.alerts) signals.recoverAlert(kept);
  drills.recover(recovered.drills);
  // A drill or a walk test may have ended at the moment of the crash.
  deps.resolveExercises();
  // After the drills: a press within the scope of one is part of it.
  for (const hold of recovered.holds) signals.presses.recoverHold(hold);
  for (const kept of recovered.reports) if (!dispatcher.isOpen(kept.report.id)) recoverReport(kept, deps);
  deps.alerts.dropAllOver();
  for (const trouble of recovered.unreported) troubles.reportKept(trouble);
  troubles.restoreAllBut(possibleTroubles(context.site));
}

/**
 * Submits the report again to the paths that have not confirmed it. If none remain, the crash lost
 * only its `settled` record, which is written now.
 */
function recoverReport({ report, sequences, deliveries, to }: KeptReport, deps: RecoveryDeps): void {
  const left = to?.filter((path) => deliveries.get(path)?.done === undefined);
  const { done } = plannedRoute(report, deps.context.site);
  const isDone = (kept: KeptDelivery) =>
    kept.done === 'acknowledged' || (kept.done === 'handedOver' && done === 'handedOver');
  const isOver = left === undefined ? [...deliveries.values()].some(isDone) : left.length === 0;
  if (isOver || isOvertaken(report, deps)) deps.settle(report);
  else deps.dispatcher.submit(report, sequences, { kept: deliveries, to: left });
}

/** An update of an ended alert, or a canary press of an earlier run, which proves nothing now. */
function isOvertaken(report: Report, { alerts }: RecoveryDeps): boolean {
  const { class: reportClass, exercise, alert } = report;
  if (reportClass === 'test') return exercise === 'test' && !isWalkTestReport(report);
  const about = alert === undefined ? undefined : alerts.get(alert.id);
  return reportClass === 'update' && (about === undefined || about.closed !== undefined);
}
