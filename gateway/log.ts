import pino, { type Logger } from 'pino';

/** A reader of our log that hangs must cost lines, never memory. */
const MAX_BUFFERED_BYTES = 4 * 1024 * 1024;
/** Lines are gathered for this long, so that a storm of alerts costs one write and not thousands. */
const GATHER_MS = 50;
const GATHER_BYTES = 8 * 1024;

export interface Log {
  readonly logger: Logger;
  /** Writes out what is buffered; for the very end. */
  flush(): void;
}

/**
 * JSON lines on stderr, written in the background: a terminal or pipe that hangs must not hold up the alert path (promise 7).
 * Nothing secret is ever passed to it.
 */
export function openLog(level: string): Log {
  const destination = pino.destination({ fd: 2, sync: false, minLength: GATHER_BYTES, maxLength: MAX_BUFFERED_BYTES });
  setInterval(() => destination.flush(), GATHER_MS).unref();
  const options = { level, base: null, timestamp: pino.stdTimeFunctions.isoTime, messageKey: 'event' };
  return { logger: pino(options, destination), flush: () => destination.flushSync() };
}

/** Makes the lines and throws them away. */
export function discardingLog(): Logger {
  return pino({ level: 'info' }, { write: () => undefined });
}
