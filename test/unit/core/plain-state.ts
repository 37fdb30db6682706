import type { KeyWindows } from '../../../gateway/core/devices/key-windows.ts';
import type { JournalRecord } from '../../../gateway/core/journal-record.ts';
import { recoveredState } from '../../../gateway/core/restart/journal-replay.ts';

/**
 * The state that records add up to, without parts that do not matter for a start: the order of
 * troubles, and whether they were reported.
 */
export function plainState(records: readonly JournalRecord[]) {
  const { windows, troubles, unreported, unreadable, ...state } = recoveredState(records);
  const byId = (a: { readonly id: string }, b: { readonly id: string }) => a.id.localeCompare(b.id);
  return {
    ...state,
    windows: new Map([...windows].map(([device, each]) => [device, plainWindows(each)])),
    troubles: troubles.map(({ reported, ...trouble }) => trouble).sort(byId),
    untold: unreported.map(({ state: of, ...trouble }) => ({ ...trouble, restored: of === 'restored' })).sort(byId),
  };
}

/** Records that no gateway writes may give two keys one place: then their order says nothing. */
function plainWindows(windows: KeyWindows) {
  const { heard, kept } = windows.saved();
  return { heard, kept: kept && new Map(kept.map((key) => [key[0], key])) };
}
