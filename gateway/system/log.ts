import { write } from 'node:fs';
import pino, { type Logger } from 'pino';
import { type LogHealth, LogWriter, type WriteSome } from './log-writer.ts';

const STDERR = 2;

export interface Log {
  readonly logger: Logger;
  /** A line of level info that is written whatever the least urgent level is. */
  announce(fields: object, event: string): void;
  /** Text for a person, as it is. */
  print(text: string): void;
  /** Tells how the log fares: at once if anything is known of it, and from then on each change. */
  onHealth(listener: (health: LogHealth) => void): void;
  /** Writes out what waits, for at most `limitMs`; for the very end. */
  flush(limitMs: number): Promise<void>;
}

/**
 * JSON lines on stderr, written in the background and waited for by nobody: a full disk, a terminal that hung up or a pipe that nobody
 * reads costs lines and is told as a trouble. pino's own destination repeats a failed write at the end until it succeeds, and so for ever.
 * Nothing secret is ever passed to it.
 */
export function openLog(level: string, writeSome: WriteSome = (bytes, done) => write(STDERR, bytes, done)): Log {
  let health: LogHealth | undefined;
  let listener: (health: LogHealth) => void = () => undefined;
  const writer = new LogWriter(writeSome, (told) => {
    health = told;
    listener(told);
  });
  const options = { level, base: null, timestamp: pino.stdTimeFunctions.isoTime, messageKey: 'event' };
  const logger = pino(options, { write: (line: string) => writer.write(line) });
  return {
    logger,
    announce: (fields, event) => logger.child({}, { level: 'info' }).info(fields, event),
    print: (text) => writer.write(text),
    onHealth: (heard) => {
      listener = heard;
      if (health !== undefined) heard(health);
    },
    flush: (limitMs) => writer.flush(limitMs),
  };
}

/** Makes the lines and throws them away. */
export function discardingLog(): Logger {
  return pino({ level: 'info' }, { write: () => undefined });
}
