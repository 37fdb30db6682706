import { write } from 'node:fs';
import pino, { type Logger } from 'pino';
import { isoTime } from '../../protocol/wall-time.ts';
import { wallMs } from './clock.ts';
import { type LogFormat, logText } from './log-text.ts';
import { type LogHealth, LogWriter, type WriteSome } from './log-writer.ts';

const STDERR = 2;

export interface Log {
  readonly logger: Logger;
  /** A line of level info that is written at every log level. */
  announce(fields: object, event: string): void;
  /** Text for a person, as it is. */
  print(text: string): void;
  /** Reports the state of the log: the present one at once if it is known, then each change. */
  onHealth(listener: (health: LogHealth) => void): void;
  /** Writes what waits, for at most `limitMs`. For the very end. */
  flush(limitMs: number): Promise<void>;
}

/** How the log is written. */
export interface LogOptions {
  /** The least urgent lines to write. */
  readonly level: string;
  readonly format: LogFormat;
  /** For `pretty`. */
  readonly colours: boolean;
}

/**
 * Lines on stderr, as JSON or for a person. They are written in the background, and nothing waits
 * for them: a full disk, a terminal that hung up or an unread pipe costs lines and is reported as a
 * trouble. pino's own destination repeats a failed write until it succeeds, and so for ever.
 * Nothing secret is ever passed to it.
 */
export function openLog(
  { level, format, colours }: LogOptions,
  writeSome: WriteSome = (bytes, done) => write(STDERR, bytes, done),
): Log {
  let health: LogHealth | undefined;
  let listener: (health: LogHealth) => void = () => undefined;
  const onHealth = (latest: LogHealth) => {
    health = latest;
    listener(latest);
  };
  const shown = format === 'pretty' ? (line: string) => logText(line, colours) : (line: string) => line;
  const writer = new LogWriter(writeSome, onHealth, shown);
  const options = {
    level,
    base: null,
    timestamp: () => `,"time":"${isoTime(wallMs())}"`,
    messageKey: 'event',
    // A name, because collectors of logs know "warn", and 40 only with a rule for pino.
    formatters: { level: (name: string) => ({ level: name }) },
  };
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
