import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { FarEnds } from '../site/far-ends.ts';
import type { SiteSimulator } from '../site/site-simulator.ts';
import { removeLeftovers, temporaryDirectory } from '../site/temporary.ts';
import { type AlertWatch, watchAlerts } from './alert-watch.ts';
import { type DemoDevice, demoDevices } from './demo-devices.ts';
import { everyPath, PATH_PORTS, patient, RECEIVER_PATH, usualPaths } from './demo-paths.ts';
import { demoSite, MQTT_USER } from './demo-site.ts';
import { freePort, freePorts } from './free-port.ts';
import type { GatewayProcess } from './gateway-process.ts';
import { whileProgressing } from './patience.ts';
import { startWholeSite, type WholeSite } from './whole-site.ts';

const GATEWAY = 'demo';

/** A simulated school with its gateway, which is started like any other gateway. */
export interface Demo {
  readonly whole: WholeSite;
  readonly siteFile: string;
  readonly logFile: string;
  readonly devices: readonly DemoDevice[];
  readonly simulator: SiteSimulator;
  readonly ends: FarEnds;
  readonly gateway: GatewayProcess;
  readonly watch: AlertWatch;
  readonly mqttPort: number;
  readonly mqttPassword: string;
  /** Each wait for something to happen may last this many times as long as usual. */
  readonly patience: number;
  /**
   * Resolves when every device, input and path is heard, or else with a description of the failure.
   * It gives up after 30 s without progress, times `patience`.
   * @param waiting called every 10 s with what is still missing
   */
  ready(waiting: (missing: string) => void): Promise<'ready' | 'exited' | 'late'>;
  /** Describes what is still missing, for a person. */
  missing(): string;
  /** @param isLogKept the gateway's log stays, and nothing else */
  stop(isLogKept: boolean): Promise<void>;
}

interface DemoOptions {
  /** Default: any free port. If this one is in use, the demo takes another one. */
  readonly mqttPort?: number;
  /** True for one path of each driver instead of only the usual paths. */
  readonly eachPath: boolean;
  readonly patience: number;
  /** The wall nodes run the firmware. */
  readonly firmware?: true;
}

export async function startDemo(options: DemoOptions): Promise<Demo> {
  await removeLeftovers();
  const temporary = await temporaryDirectory();
  const directory = temporary.path;
  const siteFile = join(directory, 'site.yaml');
  const logFile = join(directory, 'gateway.log');
  const mqttPort = await freePort(options.mqttPort);
  const ports = await freePorts(PATH_PORTS);
  const [receiverPort = 0] = ports;
  const { patience } = options;
  const ways = patient(options.eachPath ? everyPath(directory, ports) : usualPaths(directory, receiverPort), patience);
  const { site, keys, mqttPassword } = demoSite({ directory, mqttPort, receiverPort, patience }, ways);
  writeFileSync(siteFile, site);
  writeFileSync(join(directory, 'keys.yaml'), keys, { mode: 0o600 });

  const whole = await startWholeSite(siteFile, {
    seed: 1,
    ...(options.firmware && { firmware: options.firmware }),
    receivers: {},
    gateway: { data: join(directory, 'data'), logFile },
  }).catch((error: unknown) => {
    temporary.remove();
    throw error;
  });
  const { simulator, ends, gateway } = whole;
  if (ends === undefined || gateway === undefined) throw new Error('the demonstration is incomplete');
  const watch = watchAlerts(mqttPort, GATEWAY, MQTT_USER, mqttPassword);
  const devices = demoDevices();
  const inputs = new Set(devices.map(({ input }) => input)).size;
  // A short test run need not wait for the pager.
  const paths = options.eachPath ? ends.all.map(({ path }) => path) : [RECEIVER_PATH];
  const awaited = { devices: devices.length, inputs, paths };
  const missing = () => watch.stillAwaited(awaited).join(', ');
  const exited = new Promise<'exited'>((resolve) => gateway.process.child.once('exit', () => resolve('exited')));
  return {
    whole,
    siteFile,
    logFile,
    devices,
    simulator,
    ends,
    gateway: gateway.process,
    watch,
    mqttPort,
    mqttPassword,
    patience,
    ready: async (waiting) => {
      const ready = watch.ready(awaited).then(() => 'ready' as const);
      const progress = () => `${gateway.process.progress()}, known ${watch.known}`;
      const end = await whileProgressing(Promise.race([ready, exited]), progress, () => waiting(missing()), patience);
      return end ?? 'late';
    },
    missing,
    stop: async (isLogKept) => {
      await watch.close();
      await whole.stop();
      temporary.remove(isLogKept);
    },
  };
}

export async function withinTime<T>(work: Promise<T>, limitMs: number): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), limitMs);
  });
  return Promise.race([work, late]).finally(() => clearTimeout(timer));
}
