import type { Logger } from 'pino';
import type { MonoMs } from '../../protocol/clocks.ts';
import type { RecordingEnd } from '../../protocol/recording/recording.ts';
import type { InputSettings, PathSettings } from '../config/settings.ts';
import type { StartRecording } from '../control/recording-client.ts';
import type { InputSink } from '../inputs/input-driver.ts';
import type { PathSink } from '../paths/path-driver.ts';
import { pathSecrets } from './path-secrets.ts';
import type { Taps } from './taps.ts';

/** The sink of an input's driver, with its wire's tap. */
export function tappedInput(taps: Taps, settings: InputSettings, sink: InputSink): InputSink {
  const { id, driver } = settings;
  const speed = 'baudRate' in settings ? { baudRate: settings.baudRate } : {};
  // Inputs send no secret: the broker's password is not among an MQTT device's messages.
  return { ...sink, tap: taps.tap({ side: 'input', id, driver, secrets: [], ...speed }) };
}

export function tappedPath(taps: Taps, settings: PathSettings, sink: PathSink): PathSink {
  const { id, driver } = settings;
  const line = driver === 'tap' ? settings.line : driver === 'radio' ? settings.tnc : settings;
  const speed = 'baudRate' in line ? { baudRate: line.baudRate } : {};
  return { ...sink, tap: taps.tap({ side: 'path', id, driver, secrets: pathSecrets(settings), ...speed }) };
}

/** Each recording is in the log, with who made it: it holds what devices and receivers said. */
export function startRecording(taps: Taps, version = 'unknown', log: Pick<Logger, 'info'>): StartRecording {
  return ({ forMs, sinceMs }, by, out) => {
    const since = sinceMs === undefined ? {} : { sinceMs: sinceMs as MonoMs };
    const ended = (end: RecordingEnd) => {
      log.info({ by, end }, 'recording.ended');
      out.ended(`the recording ended: ${end}`);
    };
    const recording = taps.record(out, { forMs, ...since, version, ended });
    if (typeof recording === 'string') return recording;
    log.info({ by, forMs }, 'recording.began');
    return {
      stop: () => recording.stop('stopped'),
      drained: () => recording.drained(),
      abandon: () => {
        if (recording.abandon()) log.info({ by, end: 'notRead' }, 'recording.ended');
      },
    };
  };
}
