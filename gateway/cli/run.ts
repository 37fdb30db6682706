import { mkdirSync } from 'node:fs';
import { loadSettings } from '../config/load.ts';
import { startGateway } from '../gateway.ts';
import { openLog } from '../log.ts';

export interface RunOptions {
  readonly config: string;
  readonly data: string;
  readonly logLevel: string;
}

/** Exit code of a defect in the gateway itself (EX_SOFTWARE of sysexits.h); the service manager starts it again. */
const EXIT_DEFECT = 70;

/** Runs the gateway until SIGTERM or SIGINT. Throws CallpointError before it starts if the configuration has mistakes. */
export async function run(options: RunOptions): Promise<void> {
  const settings = loadSettings(options.config, options.data);
  mkdirSync(options.data, { recursive: true, mode: 0o700 });
  const log = openLog(options.logLevel);
  const defect = (error: unknown) => {
    log.logger.fatal({ error: error instanceof Error ? error.stack : String(error) }, 'defect');
    log.flush();
    process.exit(EXIT_DEFECT);
  };
  process.on('uncaughtException', defect);
  process.on('unhandledRejection', defect);

  const gateway = await startGateway(settings, log.logger);
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
