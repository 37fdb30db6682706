import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { obeyAtInputs, obeyAtPaths, serveControl } from '../site/control.ts';
import { type FarEnds, startFarEnds } from '../site/far-ends.ts';
import { controlSocket, epochNow, readSite } from '../site/site-file.ts';
import { SiteSimulator } from '../site/site-simulator.ts';
import { type AlertWatch, watchAlerts } from './alert-watch.ts';
import { type DemoDevice, demoDevices } from './demo-devices.ts';
import { everyPath, PATH_PORTS, RECEIVER_PATH, usualPaths } from './demo-paths.ts';
import { demoSite, MQTT_USER } from './demo-site.ts';
import { freePort, freePorts } from './free-port.ts';
import { type GatewayProcess, spawnGateway } from './gateway-process.ts';
import { whileProgressing } from './patience.ts';

const GATEWAY = 'demo';

/** A simulated school with its gateway, which is started like any other gateway. */
export interface Demo {
  readonly directory: string;
  readonly siteFile: string;
  readonly logFile: string;
  readonly devices: readonly DemoDevice[];
  readonly simulator: SiteSimulator;
  readonly ends: FarEnds;
  readonly gateway: GatewayProcess;
  readonly watch: AlertWatch;
  readonly mqttPort: number;
  readonly mqttPassword: string;
  /**
   * Resolves when every device, input and path is heard, or else with a description of the failure.
   * It gives up after 30 s without progress.
   * @param waiting called every 10 s with what is still missing
   */
  ready(waiting: (missing: string) => void): Promise<'ready' | 'exited' | 'late'>;
  /** Describes what is still missing, for a person. */
  missing(): string;
  /** `forget` also deletes the directory with the log. */
  stop(forget: boolean): Promise<void>;
}

interface DemoOptions {
  /** Default: any free port. If this one is in use, the demo takes another one. */
  readonly mqttPort?: number;
  /** True for one path of each driver instead of only the usual paths. */
  readonly eachPath: boolean;
}

export async function startDemo(options: DemoOptions): Promise<Demo> {
  const directory = mkdtempSync(join(tmpdir(), 'callpoint-'));
  const siteFile = join(directory, 'site.yaml');
  const logFile = join(directory, 'gateway.log');
  const mqttPort = await freePort(options.mqttPort);
  const ports = await freePorts(PATH_PORTS);
  const [receiverPort = 0] = ports;
  const ways = options.eachPath ? everyPath(directory, ports) : usualPaths(directory, receiverPort);
  const { site, keys, mqttPassword } = demoSite({ directory, mqttPort, receiverPort }, ways);
  writeFileSync(siteFile, site);
  writeFileSync(join(directory, 'keys.yaml'), keys, { mode: 0o600 });

  const simulated = readSite(siteFile, epochNow());
  const ends = await startFarEnds(simulated);
  const simulator = new SiteSimulator(simulated, 1);
  await simulator.ready();
  const controls = [
    await serveControl(
      controlSocket(siteFile, 'inputs'),
      obeyAtInputs(simulator, () => readSite(siteFile, epochNow())),
    ),
    await serveControl(
      controlSocket(siteFile, 'paths'),
      obeyAtPaths(ends, () => undefined),
    ),
  ];
  const gateway = spawnGateway(siteFile, join(directory, 'data'), logFile, simulator.gatewayNeeds);
  const watch = watchAlerts(mqttPort, GATEWAY, MQTT_USER, mqttPassword);
  const devices = demoDevices();
  const inputs = new Set(devices.map(({ input }) => input)).size;
  // A short test run need not wait for the pager.
  const paths = options.eachPath ? ends.all.map(({ path }) => path) : [RECEIVER_PATH];
  const awaited = { devices: devices.length, inputs, paths };
  const missing = () => watch.stillAwaited(awaited).join(', ');
  const exited = new Promise<'exited'>((resolve) => gateway.child.once('exit', () => resolve('exited')));
  return {
    directory,
    siteFile,
    logFile,
    devices,
    simulator,
    ends,
    gateway,
    watch,
    mqttPort,
    mqttPassword,
    ready: async (waiting) => {
      const ready = watch.ready(awaited).then(() => 'ready' as const);
      const progress = () => `${gateway.progress()}, known ${watch.known}`;
      return (await whileProgressing(Promise.race([ready, exited]), progress, () => waiting(missing()))) ?? 'late';
    },
    missing,
    stop: async (forget) => {
      await watch.close();
      await gateway.stop();
      simulator.stop();
      for (const control of controls) control.close();
      await ends.close();
      if (forget) rmSync(directory, { recursive: true, force: true });
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
