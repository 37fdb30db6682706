import pino, { type Logger } from 'pino';

/** A reader of our log that hangs must cost lines, never memory. */
const MAX_BUFFERED_BYTES = 4 * 1024 * 1024;

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
  const destination = pino.destination({ fd: 2, sync: false, maxLength: MAX_BUFFERED_BYTES });
  const options = { level, base: null, timestamp: pino.stdTimeFunctions.isoTime, messageKey: 'event' };
  return { logger: pino(options, destination), flush: () => destination.flushSync() };
}
