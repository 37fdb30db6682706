import type { Context } from './context.ts';
import type { DeviceSupervision } from './device-supervision.ts';
import type { Dispatcher } from './dispatcher.ts';
import type { Drills } from './drills.ts';
import { possibleTroubles } from './possible-troubles.ts';
import type { Report } from './report.ts';
import type { RestoredState } from './restored-state.ts';
import type { SignalHandler } from './signal-handler.ts';
import type { Troubles } from './troubles.ts';

/** What takes up the obligations of an earlier run. */
export interface Heirs {
  readonly context: Context;
  readonly devices: ReadonlyMap<string, DeviceSupervision>;
  readonly dispatcher: Dispatcher;
  readonly signals: SignalHandler;
  readonly troubles: Troubles;
  readonly drills: Drills;
  settle(report: Report): void;
}

/** How far the counters had run: what was heard is not new, and no sequence number comes again. */
export function takeUpCounters(restored: RestoredState, { context, devices, dispatcher }: Heirs): void {
  const { windows, sequences, heard } = restored;
  if (restored.session > 0) {
    const { monoMs } = context.now;
    for (const { id } of context.site.paths) dispatcher.sequences.restore(id, sequences.get(id) ?? 0, monoMs);
  }
  for (const [device, window] of windows) {
    const saved = window.save();
    if (saved !== undefined) devices.get(device)?.numbering.window.restore(saved);
  }
  for (const { device, epoch, counter } of heard) devices.get(device)?.numbering.window.accept({ epoch, counter });
}

/** Unacknowledged reports go out again, with the same ids and sequence numbers; what stood, stands. */
export function takeUpDuties(restored: RestoredState, heirs: Heirs): void {
  const { context, dispatcher, drills, signals, troubles } = heirs;
  for (const trouble of restored.troubles) troubles.restoreStanding(trouble);
  drills.restore(restored.drills);
  for (const kept of restored.alerts) signals.restoreAlert(kept);
  for (const { report, sequences, deliveries, acknowledged, to } of restored.reports) {
    if (acknowledged) heirs.settle(report);
    else if (!dispatcher.isOpen(report.id)) dispatcher.submit(report, sequences, { kept: deliveries, to });
  }
  for (const trouble of restored.unreported) troubles.reportKept(trouble);
  troubles.restoreAllBut(possibleTroubles(context.site));
}
