import type { PathSettings } from '../config/settings.ts';
import type { Attempt } from '../core/report.ts';
import { createDc09RehearsalPath, type RehearsalPath, warmDc09Codec } from '../paths/dc09/rehearsal.ts';
import type { PathSink } from '../paths/path-driver.ts';
import { monoMs } from '../system/clock.ts';

/**
 * Encodes an attempt as the path's driver does. Only DC-09 paths, the fast ones, are worth it: the
 * others wait for their line.
 */
export function warmPathCodec(settings: PathSettings): (attempt: Attempt) => void {
  return isDc09(settings) ? warmDc09Codec(settings) : () => undefined;
}

/**
 * A driver for a rehearsal. For DC-09 it is a real one with an echo in this process, for others one
 * that acknowledges everything.
 */
export async function createRehearsalPath(settings: PathSettings, sink: PathSink): Promise<RehearsalPath> {
  return isDc09(settings) ? createDc09RehearsalPath(settings, sink) : acknowledging(settings.id, sink);
}

function acknowledging(id: string, sink: PathSink): RehearsalPath {
  const send = ({ attempt }: Attempt) => {
    setImmediate(() => {
      sink.sent(id, attempt, monoMs());
      sink.outcome(id, attempt, { type: 'receiverAcknowledged' });
    });
  };
  const nothing = () => undefined;
  return { driver: { id, start: nothing, stop: async () => undefined, send, abandon: nothing }, close: nothing };
}

type Dc09PathSettings = Extract<PathSettings, { readonly driver: 'dc09-tcp' | 'dc09-udp' }>;

function isDc09(settings: PathSettings): settings is Dc09PathSettings {
  return settings.driver === 'dc09-tcp' || settings.driver === 'dc09-udp';
}
