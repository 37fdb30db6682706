import { Writable } from 'node:stream';
import type { Logger } from 'pino';

/**
 * Sends what libraries, threads and Node itself print to the log. Node's own streams write on the
 * calling thread, which waits for the disk, and they end the process when their reader is gone.
 */
export function divertStandardStreams(log: Logger): void {
  for (const name of ['stdout', 'stderr'] as const) {
    const stream = new Writable({
      decodeStrings: false,
      write: (text: string | Buffer, _encoding, done) => {
        log.warn({ text: String(text).trimEnd() }, `printed.${name}`);
        done();
      },
    });
    Object.defineProperty(process, name, { value: stream, configurable: true });
  }
  process.removeAllListeners('warning');
  process.on('warning', (warning) => log.warn({ text: warning.stack ?? String(warning) }, 'node.warning'));
}
