import { after, LONG_AGO_MS, later, type MonoMs } from '../../../protocol/clocks.ts';
import type { LastProof } from './last-proof.ts';
import { SETTLES_MS } from './waited-messages.ts';

interface Input {
  /** When it came up last. */
  readonly upMs: MonoMs;
  /** When it was last known to work before that. */
  readonly beforeMs: MonoMs;
}

type Device = Pick<LastProof, 'audibleMs' | 'beforeMs' | 'monoMs' | 'isAway'>;

/**
 * How old a press may be at most that is heard now, ms; `undefined`: it is fresh, or nobody knows.
 * No wire says how old a press is. But a device repeats it until it is heard, so it is no older
 * than the outage that it waited for.
 */
export function pressAgeMsMax(device: Device, { upMs, beforeMs }: Input, nowMs: MonoMs): number | undefined {
  const aliveMs = device.monoMs === LONG_AGO_MS ? beforeMs : device.monoMs;
  if (device.isAway(nowMs)) return ageSince(aliveMs, nowMs);
  if (nowMs < after(upMs, SETTLES_MS)) return ageSince(later(beforeMs, device.beforeMs), nowMs);
  return nowMs < after(device.audibleMs, SETTLES_MS) ? ageSince(device.beforeMs, nowMs) : undefined;
}

function ageSince(lastMs: MonoMs, nowMs: MonoMs): number | undefined {
  return lastMs === LONG_AGO_MS ? undefined : nowMs - lastMs;
}
