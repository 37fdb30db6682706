import { mkdirSync } from 'node:fs';
import { acceptedSettings } from '../config/accepted-settings.ts';
import { readSiteInThread } from '../config/load-in-thread.ts';
import { formatMistake } from '../config/mistake.ts';
import { realEdges, startGateway } from '../gateway.ts';
import { type Log, openLog } from '../log.ts';

export interface RunOptions {
  readonly config: string;
  readonly data: string;
  readonly logLevel: string;
  readonly warmUp: boolean;
}

/** Exit code of a defect in the gateway itself (EX_SOFTWARE of sysexits.h); the service manager starts it again. */
const EXIT_DEFECT = 70;

/** Runs the gateway until SIGTERM or SIGINT. Throws CallpointError before it starts if the configuration has mistakes. */
export async function run(options: RunOptions): Promise<void> {
  const reading = await readSiteInThread({ siteFile: options.config, dataDirectory: options.data });
  const settings = acceptedSettings(reading);
  const log = openLog(options.logLevel);
  const defect = (error: unknown) => {
    log.logger.fatal({ error: error instanceof Error ? error.stack : String(error) }, 'defect');
    log.flush();
    process.exit(EXIT_DEFECT);
  };
  process.on('uncaughtException', defect);
  process.on('unhandledRejection', defect);

  for (const warning of reading.mistakes) log.logger.warn({ text: formatMistake(warning) }, 'config.warning');
  makeDataDirectory(options.data, log);
  const gateway = await startGateway(settings, log.logger, realEdges, {
    warmUp: options.warmUp,
    dataDirectory: options.data,
  });
  log.logger.info({ session: gateway.session, startMs: Math.round(performance.now()) }, 'ready');

  let stopping = false;
  const stop = (signal: NodeJS.Signals) => {
    if (stopping) process.exit(1);
    stopping = true;
    log.logger.info({ signal }, 'stopping');
    gateway.stop().then(() => {
      log.logger.info({}, 'stopped');
      log.flush();
      process.exit(0);
    }, defect);
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
}

/** For its mode only: the journal makes its own directories, and if none can be made the gateway runs on and reports that. */
function makeDataDirectory(directory: string, log: Log): void {
  try {
    mkdirSync(directory, { recursive: true, mode: 0o700 });
  } catch (error) {
    log.logger.error({ directory, error: String(error) }, 'data directory cannot be made');
  }
}
