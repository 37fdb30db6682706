import type { Logger } from 'pino';
import type { GatewaySettings } from './config/settings.ts';
import { type Control, type ControlSink, startControl } from './control/control-socket.ts';
import { Core } from './core/core.ts';
import { discovered } from './discovery/discovered.ts';
import { type DriverMakers, realDrivers } from './driver-makers.ts';
import { DownCounters } from './inputs/button-bus/down-counters.ts';
import { openJournal } from './journal/journal.ts';
import type { Recovered } from './journal/recovered-records.ts';
import { LiveCertificates } from './live-certificates.ts';
import { startMqtt } from './mqtt/link.ts';
import { openNames } from './names/open-names.ts';
import { startRecording, tappedInput, tappedPath } from './recording/gateway-recording.ts';
import { Taps } from './recording/taps.ts';
import type { Configuration } from './reload/configuration.ts';
import { Drivers } from './reload/drivers.ts';
import { Reloads, type ReloadsDeps } from './reload/reloads.ts';
import { Runtime } from './runtime.ts';
import { StatusBoard } from './status-board.ts';
import { StatusLine } from './status-line.ts';
import { bothClocks, localOffsetMs, wallMs } from './system/clock.ts';
import { watchSynchronisation } from './system/kernel-clock.ts';
import type { LogHealth } from './system/log-writer.ts';

/** How each edge is made. A test may wrap one. Everything else uses `realEdges`. */
export interface EdgeMakers extends DriverMakers {
  readonly openJournal: typeof openJournal;
  readonly openNames: typeof openNames;
  readonly startMqtt: typeof startMqtt;
}

export const realEdges: EdgeMakers = { openJournal, openNames, startMqtt, ...realDrivers };

export interface GatewayOptions {
  /**
   * Runs the alert path with pretended presses after the start, so that the first real press finds
   * code that has run before.
   */
  readonly warmUp?: boolean;
  /**
   * Directory of the command socket and of the kept addresses of host names; absent: there is
   * neither.
   */
  readonly dataDirectory?: string;
  /** Of this Callpoint, for those who ask. */
  readonly version?: string;
  /** The directory of its release, for the update that watches it. */
  readonly release?: string;
  /** Interval between two checks of certificate files, ms. Tests shorten it. */
  readonly certificateCheckMs?: number;
  /** Where the settings came from. Absent: they can't be taken up anew. */
  readonly configuration?: Configuration;
  /** Stops this gateway and ends the process. Absent: it refuses to stop for an update. */
  readonly stopForUpdate?: (by: string) => void;
  /** Reports why the last update was returned until a person has seen it: at each change. */
  readonly onUpdateReturned?: (listener: (detail: string | undefined) => void) => void;
  /** Reports the log's health: at once if it is known, and at each change. */
  readonly onLogHealth?: (listener: (health: LogHealth) => void) => void;
  /** Called with one line for a person, when it has changed. */
  readonly onStatus?: (line: string) => void;
  /** Proves at this interval that presses are handled. Absent: nobody asks for that. */
  readonly internalPresses?: { readonly everyMs: number; readonly handled: () => void };
}

export interface RunningGateway {
  /** Number of this start; rises with every start. */
  readonly session: number;
  /**
   * Stops listening and closes every edge. Unacknowledged reports go out again at the next start.
   */
  stop(): Promise<void>;
  /**
   * Takes up the changed configuration, and waits for that while an alert is in the way. The log
   * shows what became of it.
   */
  reload(): Promise<void>;
}

/**
 * The composition root. A bad disk, a taken port or a dead receiver never makes it reject: those
 * are troubles, and the gateway continues.
 */
export async function startGateway(
  settings: GatewaySettings,
  log: Logger,
  make: EdgeMakers = realEdges,
  options: GatewayOptions = {},
): Promise<RunningGateway> {
  // The journal sends events before there is a core to receive them. They wait here.
  let runtime: Runtime | undefined;
  const early: (() => void)[] = [];
  const whenRunning = (tell: (runtime: Runtime) => void) => {
    if (runtime !== undefined) tell(runtime);
    else early.push(() => whenRunning(tell));
  };
  const names = make.openNames(options.dataDirectory, (event, detail) => log.warn({ detail }, event));
  const opening = make.openJournal(settings.journal, {
    durable: (number) => whenRunning((running) => running.journalSink.durable(number)),
    health: (state, detail) => whenRunning((running) => running.journalSink.health(state, detail)),
    late: (late) => {
      logRecovered(log, late);
      whenRunning((running) => running.journalSink.late(late));
    },
  });
  const [{ journal, recovered }] = await Promise.all([opening, make.load(settings)]);
  logRecovered(log, recovered);

  const core = new Core(settings.site, recovered.records, bothClocks(), undefined, localOffsetMs);
  runtime = new Runtime(core, bothClocks);
  const started = runtime;
  const certificates = new LiveCertificates(settings.certificates, {
    ...started.certificateSink,
    renewBroker: (pem) => mqtt.renew(pem),
    log: (level, event, fields) => log[level](fields, event),
    nowWallMs: wallMs,
    ...(options.certificateCheckMs !== undefined && { checkMs: options.certificateCheckMs }),
  });
  const taps = new Taps();
  const drivers = openDrivers(settings, make, { certificates, names, runtime: started, taps, core });
  const mqtt = make.startMqtt(
    settings.mqtt,
    core.session,
    {
      ...started.mqttSink,
      peerCertificate: (validity) => certificates.brokerShowed(validity),
      notice: ({ level, event, detail }) => log[level]({ detail }, `mqtt.${event}`),
    },
    { names },
  );
  const board = new StatusBoard({
    gateway: settings.mqtt.gateway,
    version: options.version ?? 'unknown',
    ...(options.release !== undefined && { release: options.release }),
    startedMs: wallMs(),
  });
  const { internalPresses, onStatus } = options;
  const statusLine = new StatusLine(board, onStatus ?? (() => undefined));
  const { configuration } = options;
  const reloads = openReloads(settings, options, make, { drivers, runtime: started, certificates, mqtt }, log);
  const questions = questionsOf(board, drivers, core, configuration);
  const record = startRecording(taps, options.version, log);
  const control = openControl(options, { ...started.controlSink, questions, record }, log, {
    reloads,
    runtime: started,
  });
  const { inputs, paths } = drivers;
  const internal = internalPresses === undefined ? {} : { internalPressHandled: internalPresses.handled };
  started.start({ inputs, paths, journal, mqtt, log, board: statusLine, ...control, ...internal });
  for (const tell of early.splice(0)) tell();
  statusLine.begin();
  if (internalPresses !== undefined) started.take({ type: 'internalPresses', everyMs: internalPresses.everyMs });
  certificates.start();
  const endClock = watchSynchronisation(started.clockSink.read);
  options.onLogHealth?.(started.logSink.health);
  options.onUpdateReturned?.(started.updateSink.returned);
  if (options.warmUp) rehearseInBackground(settings, started, log);
  configuration?.takenUp();
  configuration?.start();
  const stop = async () => {
    configuration?.stop();
    await reloads?.stop();
    certificates.stop();
    endClock();
    await Promise.all([started.stop(), names.stop()]);
  };
  return { session: core.session, stop, reload: async () => reloads?.signalled() };
}

interface DriversDeps {
  readonly certificates: LiveCertificates;
  readonly names: ReturnType<typeof openNames>;
  readonly runtime: Runtime;
  readonly taps: Taps;
  readonly core: Core;
}

function openDrivers(
  settings: GatewaySettings,
  make: DriverMakers,
  { certificates, names, runtime, taps, core }: DriversDeps,
): Drivers {
  const session = { number: core.session, downCounters: new DownCounters(core.answersWalls) };
  const drivers = new Drivers({
    input: (each, sink) => make.input(certificates.input(each), session, tappedInput(taps, each, sink), names),
    path: (each, sink) => make.path(certificates.path(each), tappedPath(taps, each, sink), names),
    inputSink: runtime.inputSink,
    pathSink: runtime.pathSink,
  });
  for (const each of settings.inputs) drivers.addInput(each);
  for (const each of settings.paths) drivers.addPath(each);
  return drivers;
}

/** Reports a number of records only if it is known: what could not be read may hold more. */
function logRecovered(log: Logger, { records, damaged, detail, unread }: Recovered): void {
  if (unread === '') {
    log.info({ records: records.length, damaged, ...(detail !== '' && { detail }) }, 'journal.recovered');
  } else if (records.length === 0) log.warn({ detail: unread }, 'journal.notRead');
  else log.warn({ recordsRead: records.length, detail: unread }, 'journal.partlyRead');
}

function openReloads(
  settings: GatewaySettings,
  { configuration }: GatewayOptions,
  make: Pick<EdgeMakers, 'load'>,
  deps: Pick<ReloadsDeps, 'drivers' | 'runtime' | 'certificates' | 'mqtt'>,
  log: Logger,
): Reloads | undefined {
  if (configuration === undefined) return undefined;
  return new Reloads(settings, {
    ...deps,
    read: async () => {
      const reading = await configuration.read();
      if (reading.settings !== undefined) await make.load(reading.settings);
      return reading;
    },
    done: () => configuration.takenUp(),
    log: (level, event, fields) => log[level](fields, event),
  });
}

function openControl(
  { dataDirectory, stopForUpdate: stop }: GatewayOptions,
  sink: Pick<ControlSink, 'command' | 'questions' | 'record'>,
  log: Logger,
  { reloads, runtime }: { readonly reloads: Reloads | undefined; readonly runtime: Runtime },
): { control?: Control } {
  if (dataDirectory === undefined) return {};
  const unavailable = (detail: string) => log.warn({ detail }, 'control.unavailable');
  const available = () => log.info({}, 'control.available');
  const reload: ControlSink['reload'] = async (request, ticket) => {
    const document = await reloads?.request(request);
    if (document !== undefined) control.answer(ticket, true, document.state, document);
  };
  // One turn of the event loop decides and begins to stop: no press comes between.
  const stopForUpdate: ControlSink['stopForUpdate'] = (by, ticket) => {
    const reasons = runtime.obstaclesToUpdate();
    if (reasons.length > 0) log.warn({ by, reasons: reasons.join('; ') }, 'update.refused');
    control.answer(ticket, reasons.length === 0, reasons.join('; ') || 'the gateway stops for the update');
    if (reasons.length === 0) stop?.(by);
  };
  const all = {
    ...sink,
    ...(reloads !== undefined && { reload }),
    ...(stop !== undefined && { stopForUpdate }),
    unavailable,
    available,
  };
  const control = startControl(dataDirectory, all);
  return { control };
}

function questionsOf(
  board: StatusBoard,
  drivers: Drivers,
  core: Core,
  configuration: Configuration | undefined,
): ControlSink['questions'] {
  const status = () => {
    const changed = configuration?.changed;
    return { ...board.status(wallMs()), ...(changed !== undefined && { configuration_changed: changed }) };
  };
  const walkTest = () => core.walkTest();
  return { status, discovered: () => discovered(drivers.openInputs, drivers.inputs), walkTest };
}

/** In the background, after the gateway is ready. */
function rehearseInBackground(settings: GatewaySettings, runtime: Runtime, log: Logger): void {
  import('./rehearsal/rehearsal.ts')
    .then(({ rehearse }) => rehearse(settings, () => runtime.lastHeardMs))
    .then(
      (presses) => log.info({ presses }, 'rehearsed'),
      (error: unknown) => log.warn({ error: String(error) }, 'rehearsal.failed'),
    );
}
