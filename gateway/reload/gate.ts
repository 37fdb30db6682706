import type { InputSink } from '../inputs/input-driver.ts';
import type { PathSink } from '../paths/path-driver.ts';

/**
 * A sink that can be closed: what a stopped driver still says belongs to settings that are gone.
 */
export interface Gated<S> {
  readonly sink: S;
  close(): void;
}

/** @param opened the driver has reported that its input is up */
export function gatedInput(sink: InputSink, opened: () => void): Gated<InputSink> {
  let isOpen = true;
  const through: InputSink = {
    signal: (signal) => isOpen && sink.signal(signal),
    unknownSignal: (signal) => isOpen && sink.unknownSignal(signal),
    health: (health) => {
      if (!isOpen) return;
      sink.health(health);
      if (health.state === 'up') opened();
    },
    bridge: (state) => isOpen && sink.bridge(state),
    reception: (reception) => isOpen && sink.reception(reception),
  };
  const close = () => {
    isOpen = false;
  };
  return { sink: through, close };
}

export function gatedPath(sink: PathSink): Gated<PathSink> {
  let isOpen = true;
  const through: PathSink = {
    sent: (path, attempt, atMs) => isOpen && sink.sent(path, attempt, atMs),
    outcome: (path, attempt, outcome) => isOpen && sink.outcome(path, attempt, outcome),
    link: (path, up) => isOpen && sink.link?.(path, up),
  };
  const close = () => {
    isOpen = false;
  };
  return { sink: through, close };
}
