import { randomBytes, randomUUID } from 'node:crypto';
import { writeSync } from 'node:fs';
import { CallpointError } from '../../protocol/errors.ts';
import { acceptedSettings } from '../config/accepted-settings.ts';
import { formatMistake } from '../config/read/mistake.ts';
import { SiteReader } from '../config/site-reader.ts';
import type { RunningGateway } from '../gateway.ts';
import { openJournalEarly } from '../journal/early-journal.ts';
import { processOwner } from '../journal/process-owner.ts';
import { Configuration } from '../reload/configuration.ts';
import { BUILD_ID } from '../system/build-id.ts';
import { compileAtFirstCall, setEngineFlags } from '../system/engine-flags.ts';
import { type Log, type LogOptions, openLog } from '../system/log.ts';
import type { LogFormat } from '../system/log-text.ts';
import { volatileDirectories } from '../system/mounts.ts';
import { loadProcessCalls } from '../system/process-calls.ts';
import { runInRealTime } from '../system/real-time.ts';
import { ServiceManager } from '../system/service-manager.ts';
import { watchReturned } from '../update/watch-returned.ts';
import { claimDataDirectory } from './data-directory.ts';
import { Ending } from './ending.ts';
import { failureJson } from './json-output.ts';
import { divertStandardStreams } from './stray-output.ts';
import { callpointVersion, releaseDirectory } from './version.ts';

export interface RunOptions {
  readonly config: string;
  readonly data: string;
  readonly logLevel: string;
  /** Default: pretty at a terminal, JSON otherwise. */
  readonly logFormat?: LogFormat;
  readonly warmUp: boolean;
  /** Says why it did not start as one JSON object on stdout. */
  readonly json: boolean;
}

const STDOUT = 1;
const STDERR = 2;
const EXIT_REFUSED = 1;
/** So many in the time of the watchdog: three may be late, and a hang is noticed soon. */
const INTERNAL_PRESSES = 4;

/**
 * Runs the gateway until SIGTERM or SIGINT, and ends the process: with 0 when it has stopped, 1
 * when the configuration has mistakes or it did not stop in time, 70 after a defect.
 */
export async function run(options: RunOptions): Promise<void> {
  setEngineFlags();
  const { exit, unblock } = await loadProcessCalls();
  unblock(STDERR);
  const log = openLog(logOptions(options));
  const manager = new ServiceManager(process.env, process.pid, {
    failed: (detail) => log.logger.warn({ detail }, 'serviceManager.unavailable'),
  });
  manager.starting();
  const ending = new Ending(log, exit);
  process.on('uncaughtException', ending.defect);
  process.on('unhandledRejection', ending.defect);
  divertStandardStreams(log.logger);

  const stop = async () => (await starting).stop();
  const starting = start(options, log, manager, (by) => {
    manager.stopping();
    ending.stopForUpdate(by, stop);
  });
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.on(signal, () => {
      manager.stopping();
      ending.stop(signal, stop);
    });
  }
  surviveOtherSignals(log);
  process.on('SIGHUP', () => {
    starting.then(
      async (gateway) => {
        manager.reloading();
        await gateway.reload();
        manager.ready();
      },
      // A start that failed ends the process, and says why.
      () => undefined,
    );
  });
  try {
    const gateway = await starting;
    compileAtFirstCall();
    // Logged at every level: a log trouble of an earlier run ends only when a line is written.
    const startMs = Math.round(performance.now());
    log.announce(
      { session: gateway.session, startMs, version: callpointVersion(), release: releaseDirectory() },
      'ready',
    );
    manager.ready();
    // A start takes the processor for a while, and nothing needs it sooner.
    if (manager.isThere) await takePriority(log);
  } catch (error) {
    if (error instanceof CallpointError) {
      if (options.json) printFailure(error);
      else log.print(`${error.message}\n`);
      ending.end(EXIT_REFUSED);
    } else ending.defect(error);
  }
}

function printFailure({ code, message }: CallpointError): void {
  try {
    // `process.stdout` is diverted to the log.
    writeSync(STDOUT, `${failureJson(code, message)}\n`);
  } catch {
    // Nobody reads it any more: the exit code says it as well.
  }
}

function logOptions({ logLevel: level, logFormat }: RunOptions): LogOptions {
  const { stderr } = process;
  const format = logFormat ?? (stderr.isTTY ? 'pretty' : 'json');
  // Node reads NO_COLOR, FORCE_COLOR and TERM.
  return { level, format, colours: stderr.isTTY && stderr.hasColors() };
}

async function takePriority(log: Log): Promise<void> {
  const refused = await runInRealTime();
  if (refused === undefined) log.logger.info({}, 'priority.realTime');
  else log.logger.info({ detail: refused }, 'priority.usual');
}

/** @throws CallpointError if the configuration has mistakes */
async function start(
  options: RunOptions,
  log: Log,
  manager: ServiceManager,
  stopForUpdate: (by: string) => void,
): Promise<RunningGateway> {
  const site = new SiteReader(
    {
      siteFile: options.config,
      dataDirectory: options.data,
      inputsPassword: newPassword(),
      ...(BUILD_ID !== undefined && { build: BUILD_ID }),
    },
    (level, event, fields) => log.logger[level](fields, event),
  );
  const configuration = new Configuration(options.config, {
    read: () => site.read(),
    changed: ({ files, at }) =>
      log.logger.warn({ files: files.join(', '), at, text: 'not taken up: callpoint reload' }, 'config.changed'),
  });
  const reading = await configuration.read();
  const settings = acceptedSettings(reading);
  // This comes before opening anything that another gateway may have open.
  const { directories } = settings.journal;
  const unlocked = await claimDataDirectory(options.data, directories, processOwner(randomUUID()));
  if (unlocked !== undefined) log.logger.error({ directory: options.data, detail: unlocked }, 'data.unlocked');
  warnOfMemory([options.data, ...directories], log);
  for (const warning of reading.mistakes) log.logger.warn({ text: formatMistake(warning) }, 'config.warning');
  // The journal's thread starts and reads while the rest of the code is loaded.
  const openJournal = openJournalEarly(settings.journal);
  const { realEdges, startGateway } = await import('../gateway.ts');
  const edges = { ...realEdges, openJournal };
  const release = releaseDirectory();
  const { CALLPOINT_RELEASES: releases } = process.env;
  const gateway = await startGateway(settings, log.logger, edges, {
    warmUp: options.warmUp,
    dataDirectory: options.data,
    version: callpointVersion(),
    ...(release !== undefined && { release }),
    onLogHealth: log.onHealth,
    ...(releases !== undefined && { onUpdateReturned: (listener) => watchReturned(releases, listener) }),
    configuration,
    onStatus: (line) => manager.status(line),
    ...(manager.watchdogMs !== undefined && {
      internalPresses: { everyMs: manager.watchdogMs / INTERNAL_PRESSES, handled: () => manager.feed() },
    }),
    stopForUpdate,
  });
  site.keep();
  return gateway;
}

/** Nothing waits for this: a disk may hang. */
function warnOfMemory(directories: readonly string[], log: Log): void {
  const text = 'what the gateway writes there is gone when the power goes: callpoint doctor says more';
  void volatileDirectories(directories).then((found) => {
    if (found.length > 0) log.logger.warn({ directories: found.join(', '), text }, 'data.volatile');
  });
}

/**
 * By default SIGUSR2 would end the gateway, and SIGUSR1 would open the inspector, which shows its
 * memory with the keys in it.
 */
function surviveOtherSignals(log: Log): void {
  for (const signal of ['SIGUSR1', 'SIGUSR2'] as const) {
    process.on(signal, () => {
      log.logger.warn({ signal, text: 'the gateway continues; SIGTERM stops it' }, 'signal.ignored');
    });
  }
}

/** Of the gateway's own inputs at the embedded broker: new at each start, and written nowhere. */
function newPassword(): string {
  return randomBytes(24).toString('base64url');
}
