import type { Logger } from 'pino';
import type { GatewaySettings, InputSettings, PathSettings } from './config/settings.ts';
import { type Control, type ControlSink, startControl } from './control/control-socket.ts';
import { Core } from './core/core.ts';
import { known } from './core/invariant.ts';
import { discovered } from './discovery/discovered.ts';
import { createBleDriver } from './inputs/ble/driver.ts';
import { DownCounters } from './inputs/button-bus/down-counters.ts';
import { createButtonBusDriver } from './inputs/button-bus/driver.ts';
import { createButtonBusRehearsalInput, warmButtonBusCodec } from './inputs/button-bus/rehearsal.ts';
import { createFirmataDriver } from './inputs/firmata/driver.ts';
import { createGpioDriver } from './inputs/gpio/driver.ts';
import type { InputDriver, InputSink } from './inputs/input-driver.ts';
import { createModbusDriver } from './inputs/modbus/driver.ts';
import { createMqttDevicesDriver } from './inputs/mqtt-devices/driver.ts';
import { openJournal } from './journal/journal.ts';
import type { Recovered } from './journal/recovered-records.ts';
import { LiveCertificates } from './live-certificates.ts';
import { startMqtt } from './mqtt/link.ts';
import type { Names } from './names/names.ts';
import { openNames } from './names/open-names.ts';
import { createCapDriver } from './paths/cap/driver.ts';
import { createDc09Driver } from './paths/dc09/driver.ts';
import { createDc09UdpDriver } from './paths/dc09/udp-driver.ts';
import type { PathDriver, PathSink } from './paths/path-driver.ts';
import { createRadioDriver } from './paths/radio/driver.ts';
import { createSipDriver } from './paths/sip/driver.ts';
import { createSmsDriver } from './paths/sms/driver.ts';
import { createSnppDriver } from './paths/snpp/driver.ts';
import { createTapDriver } from './paths/tap/driver.ts';
import { createWebhookDriver } from './paths/webhook/driver.ts';
import { startRecording, tappedInput, tappedPath } from './recording/gateway-recording.ts';
import { Taps } from './recording/taps.ts';
import { createRehearsalPath, warmPathCodec } from './rehearsal/path-rehearsal.ts';
import { type RehearsalEdges, rehearse } from './rehearsal/rehearsal.ts';
import { type WarmCodecs, warmUp } from './rehearsal/warm-up.ts';
import type { Configuration } from './reload/configuration.ts';
import { Drivers } from './reload/drivers.ts';
import { Reloads, type ReloadsDeps } from './reload/reloads.ts';
import { Runtime } from './runtime.ts';
import { StatusBoard } from './status-board.ts';
import { bothClocks, localOffsetMs, wallMs } from './system/clock.ts';
import type { LogHealth } from './system/log-writer.ts';

/** This start of the gateway, as its inputs know it. */
interface InputSession {
  readonly number: number;
  readonly downCounters: DownCounters;
}

/** How each edge is made. A test may wrap one. Everything else uses `realEdges`. */
export interface EdgeMakers {
  readonly openJournal: typeof openJournal;
  readonly openNames: typeof openNames;
  readonly startMqtt: typeof startMqtt;
  input(settings: InputSettings, session: InputSession, sink: InputSink, names: Names): InputDriver;
  path(settings: PathSettings, sink: PathSink, names: Names): PathDriver;
}

/** The only place that knows all drivers. */
export const realEdges: EdgeMakers = {
  openJournal,
  openNames,
  startMqtt,
  input: (settings, session, sink, names) => makeInput(settings, session, sink, names),
  path: (settings, sink, names) => makePath(settings, sink, names),
};

type InputSettingsOf = { readonly [D in InputSettings['driver']]: Extract<InputSettings, { readonly driver: D }> };
type InputMakers = {
  readonly [D in InputSettings['driver']]: (
    settings: InputSettingsOf[D],
    sink: InputSink,
    session: InputSession,
    names: Names,
  ) => InputDriver;
};

/** A new input driver is a line here, and one in `config/inputs/input-drivers.ts`. */
const INPUTS: InputMakers = {
  'button-bus': (settings, sink, { number, downCounters }) =>
    createButtonBusDriver(settings, number, sink, downCounters),
  ble: (settings, sink) => createBleDriver(settings, sink),
  firmata: (settings, sink) => createFirmataDriver(settings, sink),
  gpio: (settings, sink) => createGpioDriver(settings, sink),
  modbus: (settings, sink) => createModbusDriver(settings, sink),
  mqtt: (settings, sink, _session, names) => createMqttDevicesDriver(settings, sink, names),
};

function makeInput<D extends InputSettings['driver']>(
  settings: InputSettingsOf[D],
  session: InputSession,
  sink: InputSink,
  names: Names,
): InputDriver {
  const make: InputMakers[D] = INPUTS[settings.driver as D];
  return make(settings, sink, session, names);
}

type PathSettingsOf = { readonly [D in PathSettings['driver']]: Extract<PathSettings, { readonly driver: D }> };
type PathMakers = {
  readonly [D in PathSettings['driver']]: (settings: PathSettingsOf[D], sink: PathSink, names: Names) => PathDriver;
};

/** A new path driver is a line here, and one in `config/paths/path-drivers.ts`. */
const PATHS: PathMakers = {
  'dc09-tcp': (settings, sink, names) => createDc09Driver(settings, sink, { nowWallMs: wallMs, ...names }),
  'dc09-udp': (settings, sink, names) => createDc09UdpDriver(settings, sink, { nowWallMs: wallMs, ...names }),
  radio: createRadioDriver,
  cap: (settings, sink, names) => createCapDriver(settings, sink, { nowWallMs: wallMs, ...names }),
  webhook: (settings, sink, names) => createWebhookDriver(settings, sink, { nowWallMs: wallMs, ...names }),
  sip: (settings, sink, names) => createSipDriver(settings, sink, { nowWallMs: wallMs, ...names }),
  tap: createTapDriver,
  snpp: createSnppDriver,
  sms: (settings, sink) => createSmsDriver(settings, sink),
};

function makePath<D extends PathSettings['driver']>(
  settings: PathSettingsOf[D],
  sink: PathSink,
  names: Names,
): PathDriver {
  const make: PathMakers[D] = PATHS[settings.driver as D];
  return make(settings, sink, names);
}

export interface GatewayOptions {
  /**
   * Runs the alert path with pretended presses, so that the first real press and the first storm
   * find compiled code.
   */
  readonly warmUp?: boolean;
  /**
   * Directory of the command socket and of the kept addresses of host names; absent: there is
   * neither.
   */
  readonly dataDirectory?: string;
  /** Of this Callpoint, for those who ask. */
  readonly version?: string;
  /** Interval between two checks of certificate files, ms. Tests shorten it. */
  readonly certificateCheckMs?: number;
  /** Where the settings came from. Absent: they can't be taken up anew. */
  readonly configuration?: Configuration;
  /** Reports the log's health: at once if it is known, and at each change. */
  readonly onLogHealth?: (listener: (health: LogHealth) => void) => void;
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
  if (options.warmUp) warmUp(settings, codecsOf(settings));
  const { journal, recovered } = await opening;
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
  const session = { number: core.session, downCounters: new DownCounters() };
  const taps = new Taps();
  const drivers = new Drivers({
    input: (each, sink) => make.input(certificates.input(each), session, tappedInput(taps, each, sink), names),
    path: (each, sink) => make.path(certificates.path(each), tappedPath(taps, each, sink), names),
    inputSink: started.inputSink,
    pathSink: started.pathSink,
  });
  for (const each of settings.inputs) drivers.addInput(each);
  for (const each of settings.paths) drivers.addPath(each);
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
    startedMs: wallMs(),
  });
  const { configuration } = options;
  const reloads = openReloads(settings, options, { drivers, runtime: started, certificates, mqtt }, log);
  const questions = questionsOf(board, drivers, core, configuration);
  const record = startRecording(taps, options.version, log);
  const control = openControl(options, { ...started.controlSink, questions, record }, log, reloads);
  started.start({ inputs: drivers.inputs, paths: drivers.paths, journal, mqtt, log, board, ...control });
  for (const tell of early.splice(0)) tell();
  certificates.start();
  options.onLogHealth?.(started.logSink.health);
  if (options.warmUp) rehearseInBackground(settings, started, log);
  configuration?.takenUp();
  configuration?.start();
  const stop = async () => {
    configuration?.stop();
    await reloads?.stop();
    certificates.stop();
    await started.stop();
    await names.stop();
  };
  return { session: core.session, stop, reload: async () => reloads?.signalled() };
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
  deps: Pick<ReloadsDeps, 'drivers' | 'runtime' | 'certificates' | 'mqtt'>,
  log: Logger,
): Reloads | undefined {
  if (configuration === undefined) return undefined;
  return new Reloads(settings, {
    ...deps,
    read: () => configuration.read(),
    done: () => configuration.takenUp(),
    log: (level, event, fields) => log[level](fields, event),
  });
}

function openControl(
  { dataDirectory }: GatewayOptions,
  sink: Pick<ControlSink, 'command' | 'questions' | 'record'>,
  log: Logger,
  reloads: Reloads | undefined,
): { control?: Control } {
  if (dataDirectory === undefined) return {};
  const unavailable = (detail: string) => log.warn({ detail }, 'control.unavailable');
  const available = () => log.info({}, 'control.available');
  const reload: ControlSink['reload'] = async (request, ticket) => {
    const document = await reloads?.request(request);
    if (document !== undefined) control.answer(ticket, true, document.state, document);
  };
  const all = { ...sink, ...(reloads !== undefined && { reload }), unavailable, available };
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

/** What the drivers would do with each effect, without any input or output. */
function codecsOf(settings: GatewaySettings): WarmCodecs {
  const input = warmButtonBusCodec();
  const paths = new Map(settings.paths.map((each) => [each.id, warmPathCodec(each)]));
  return (effect) => {
    if (effect.type === 'send') known(paths, effect.attempt.path, 'path')(effect.attempt);
    else if (effect.type === 'answer') input();
    else if (effect.type === 'journal') JSON.stringify(effect.entry);
  };
}

/** In the background, after the gateway is ready. */
function rehearseInBackground(settings: GatewaySettings, runtime: Runtime, log: Logger): void {
  const pathSettings = new Map(settings.paths.map((each) => [each.id, each]));
  const edges: RehearsalEdges = {
    input: createButtonBusRehearsalInput,
    path: async (id, sink) => createRehearsalPath(known(pathSettings, id, 'path'), sink),
    hear: warmButtonBusCodec(),
    lastHeardMs: () => runtime.lastHeardMs,
  };
  rehearse(settings.site, edges).then(
    (presses) => log.info({ presses }, 'rehearsed'),
    (error: unknown) => log.warn({ error: String(error) }, 'rehearsal.failed'),
  );
}
