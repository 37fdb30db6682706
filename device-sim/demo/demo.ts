import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Receiver, startReceiver } from '../receiver/receiver.ts';
import { obeyAtInputs, serveControl } from '../site/control.ts';
import { controlSocket, epochNow, readSite } from '../site/site-file.ts';
import { SiteSimulator } from '../site/site-simulator.ts';
import { type AlertWatch, watchAlerts } from './alert-watch.ts';
import { type DemoDevice, demoDevices } from './demo-devices.ts';
import { demoSite, MQTT_USER } from './demo-site.ts';
import { type GatewayProcess, spawnGateway } from './gateway-process.ts';

const GATEWAY = 'demo';
const READY_WITHIN_MS = 30_000;

/** A simulated school with its gateway, started as anybody starts it. */
export interface Demo {
  readonly directory: string;
  readonly siteFile: string;
  readonly logFile: string;
  readonly devices: readonly DemoDevice[];
  readonly simulator: SiteSimulator;
  readonly receiver: Receiver;
  readonly gateway: GatewayProcess;
  readonly watch: AlertWatch;
  readonly mqttPort: number;
  readonly mqttPassword: string;
  /** Resolves when every device, input and path is heard; otherwise with what happened instead. */
  ready(): Promise<'ready' | 'exited' | 'late'>;
  /** `forget`: the directory with the log goes too. */
  stop(forget: boolean): Promise<void>;
}

/** @param wantedMqttPort another one is taken if it is in use */
export async function startDemo(wantedMqttPort: number): Promise<Demo> {
  const directory = mkdtempSync(join(tmpdir(), 'callpoint-'));
  const siteFile = join(directory, 'site.yaml');
  const logFile = join(directory, 'gateway.log');
  const mqttPort = await freePort(wantedMqttPort);
  const receiverPort = await freePort(0);
  const { site, keys, mqttPassword } = demoSite({ directory, mqttPort, receiverPort });
  writeFileSync(siteFile, site);
  writeFileSync(join(directory, 'keys.yaml'), keys, { mode: 0o600 });

  const simulated = readSite(siteFile, epochNow());
  const receiver = await startReceiver({ port: receiverPort, accounts: simulated.accounts });
  const simulator = new SiteSimulator(simulated, 1);
  await simulator.ready();
  const control = await serveControl(controlSocket(siteFile, 'inputs'), obeyAtInputs(simulator));
  const gateway = spawnGateway(siteFile, join(directory, 'data'), logFile, simulator.gatewayNeeds);
  const watch = watchAlerts(mqttPort, GATEWAY, MQTT_USER, mqttPassword);
  const devices = demoDevices();
  const inputs = new Set(devices.map(({ input }) => input)).size;
  const exited = new Promise<'exited'>((resolve) => gateway.child.once('exit', () => resolve('exited')));
  return {
    directory,
    siteFile,
    logFile,
    devices,
    simulator,
    receiver,
    gateway,
    watch,
    mqttPort,
    mqttPassword,
    ready: async () => {
      const ready = watch.ready({ devices: devices.length, inputs }).then(() => 'ready' as const);
      return (await withinTime(Promise.race([ready, exited]), READY_WITHIN_MS)) ?? 'late';
    },
    stop: async (forget) => {
      await watch.close();
      await gateway.stop();
      simulator.stop();
      control.close();
      await receiver.close();
      if (forget) rmSync(directory, { recursive: true, force: true });
    },
  };
}

/** The port if it is free, else any free one. */
async function freePort(wanted: number): Promise<number> {
  const tryPort = (port: number) =>
    new Promise<number | undefined>((resolve) => {
      const probe = createServer();
      probe.on('error', () => resolve(undefined));
      probe.listen(port, '127.0.0.1', () => {
        const address = probe.address();
        probe.close(() => resolve(typeof address === 'object' ? address?.port : undefined));
      });
    });
  return (await tryPort(wanted)) ?? (await tryPort(0)) ?? wanted;
}

export async function withinTime<T>(work: Promise<T>, limitMs: number): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), limitMs);
  });
  return Promise.race([work, late]).finally(() => clearTimeout(timer));
}
