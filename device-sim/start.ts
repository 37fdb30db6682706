import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { Command, CommanderError, Option } from 'commander';
import type { AlertDocument } from '../protocol/mqtt-documents.ts';
import { describeNotice } from './cli/describe-notice.ts';
import { type AlertWatch, watchAlerts } from './demo/alert-watch.ts';
import { demoSite, MQTT_USER } from './demo/demo-site.ts';
import { type GatewayProcess, spawnGateway } from './demo/gateway-process.ts';
import { describeTimeline, isComplete } from './demo/timeline.ts';
import type { ReceiverBehaviour } from './receiver/behaviour.ts';
import { type Receiver, startReceiver } from './receiver/receiver.ts';
import { serveControl } from './site/control.ts';
import { controlSocket, epochNow, readSite } from './site/site-file.ts';
import { SiteSimulator } from './site/site-simulator.ts';

const GATEWAY = 'demo';
const PATH = 'central';
const FIRST_PRESS = 'wb-203';
const READY_WITHIN_MS = 20_000;
const TIMELINE_WITHIN_MS = 15_000;
const WALL_WITHIN_MS = 1000;
const USUAL_MQTT_PORT = 1883;
const EXIT_USAGE = 2;

interface StartOptions {
  readonly once?: boolean;
  readonly json?: boolean;
  readonly receiver: Extract<ReceiverBehaviour['type'], 'normal' | 'hang' | 'refuse'>;
}

interface Demo {
  readonly directory: string;
  readonly simulator: SiteSimulator;
  readonly receiver: Receiver;
  readonly gateway: GatewayProcess;
  readonly watch: AlertWatch;
  readonly mqttPort: number;
  readonly mqttPassword: string;
  stop(): Promise<void>;
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

async function startDemo(wantedMqttPort: number): Promise<Demo> {
  const directory = mkdtempSync(join(tmpdir(), 'callpoint-'));
  const siteFile = join(directory, 'site.yaml');
  const mqttPort = await freePort(wantedMqttPort);
  const receiverPort = await freePort(0);
  const demo = demoSite({ serialLink: join(directory, 'bus-1'), mqttPort, receiverPort });
  writeFileSync(siteFile, demo.site);
  writeFileSync(join(directory, 'keys.yaml'), demo.keys, { mode: 0o600 });

  const site = readSite(siteFile, epochNow());
  const receiver = await startReceiver({ port: receiverPort, accounts: site.accounts });
  const simulator = new SiteSimulator(site, 1);
  const control = await serveControl(controlSocket(siteFile), simulator);
  const gateway = spawnGateway(siteFile, join(directory, 'data'), join(directory, 'gateway.log'));
  const watch = watchAlerts(mqttPort, GATEWAY, MQTT_USER, demo.mqttPassword);
  const stop = async () => {
    await watch.close();
    await gateway.stop();
    simulator.stop();
    control.close();
    await receiver.close();
  };
  return { directory, simulator, receiver, gateway, watch, mqttPort, mqttPassword: demo.mqttPassword, stop };
}

/** Resolves with the press's last document: its timeline complete, NOT CONFIRMED, or as far as it came in time. */
async function pressAndWatch(demo: Demo, device: string): Promise<AlertDocument | undefined> {
  const { simulator, watch } = demo;
  return new Promise((resolve) => {
    let last: AlertDocument | undefined;
    const timeout = setTimeout(() => resolve(last), TIMELINE_WITHIN_MS);
    watch.onAlert((alert) => {
      if (alert.id !== pressed?.alert) return;
      last = alert;
      if (!isComplete(alert) && !alert.not_confirmed) return;
      clearTimeout(timeout);
      resolve(alert);
    });
    const pressed = simulator.press(device, '0', 'single');
    setTimeout(() => simulator.release(device, '0'), 300).unref();
  });
}

async function withinTime<T>(work: Promise<T>, limitMs: number): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), limitMs);
  });
  return Promise.race([work, late]).finally(() => clearTimeout(timer));
}

/** The answer to the wall is on its way while MQTT tells of it already. */
function shownAtWall(demo: Demo, device: string): Promise<void> {
  return new Promise((resolve) => {
    if (demo.simulator.led(device) === 'green') resolve();
    demo.simulator.onLed((id, led) => {
      if (id === device && led === 'green') resolve();
    });
  });
}

function report(demo: Demo, alert: AlertDocument): void {
  say(`\n${alert.text}`);
  const by = `by path ${PATH}, receiver's number ${alert.paths[PATH]?.sequence}`;
  say(`alert ${alert.id}: ${alert.not_confirmed ? 'NOT CONFIRMED' : `${alert.state.toUpperCase()} ${by}`}\n`);
  for (const line of describeTimeline(alert)) say(line);
  const shown = demo.receiver.displayed.find((event) => event.reportId === alert.id);
  const desk = shown && `#${shown.account} ${shown.code} zone ${shown.zone}  ${shown.text}`;
  say(`\n  at the receiver's desk: ${desk ?? 'nothing'}`);
  say(`  at the wall (${alert.device}): LED ${demo.simulator.led(alert.device)}`);
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

function invite(demo: Demo): void {
  const site = join(demo.directory, 'site.yaml');
  say(`
Press others: type a room number and Enter (101 to 106, 201 to 206; "m101" for the medical button). Or from another terminal:
  npm run -s sim -- press wb-105 --site ${site}
  npm run -s sim -- door wb-105 open --site ${site}
See it on MQTT (password ${demo.mqttPassword}):
  mosquitto_sub -p ${demo.mqttPort} -u ${MQTT_USER} -P ${demo.mqttPassword} -t 'callpoint/v1/${GATEWAY}/#' -v
The gateway's log: ${join(demo.directory, 'gateway.log')}
Ctrl-C ends it.
`);
}

/** Shows what happens until Ctrl-C, and presses what is typed. */
async function live(demo: Demo): Promise<void> {
  demo.receiver.on((notice) => {
    const line = describeNotice(notice);
    if (line !== undefined) say(`  receiver  ${line}`);
  });
  demo.simulator.onLed((device, led) => say(`  wall      ${device} LED ${led}`));
  demo.watch.onAlert((alert) => {
    if (!isComplete(alert)) return;
    say(`  gateway   ${alert.id} ${alert.state}`);
    for (const line of describeTimeline(alert)) say(`          ${line}`);
  });
  const typed = createInterface({ input: process.stdin });
  typed.on('line', (line) => {
    const [, medical, room] = /^\s*(m?)\s*(\d{3})\s*$/.exec(line) ?? [];
    try {
      if (room !== undefined) demo.simulator.press(`wb-${room}`, medical === 'm' ? '1' : '0', 'single');
      else if (line.trim() !== '') say('  a room number is wanted, such as 105');
    } catch (error) {
      say(`  ${error instanceof Error ? error.message : String(error)}`);
    }
  });
  await new Promise<void>((resolve) => {
    process.once('SIGINT', () => resolve());
    process.once('SIGTERM', () => resolve());
  });
  typed.close();
}

async function main(options: StartOptions): Promise<number> {
  // The usual port only if somebody may want to subscribe.
  const demo = await startDemo(options.once ? 0 : USUAL_MQTT_PORT);
  let wentWell = false;
  try {
    if (!options.json) say('Starting the gateway: twelve wall buttons on a serial line, a receiver, an MQTT broker …');
    const exited = new Promise<'exited'>((resolve) => demo.gateway.child.once('exit', () => resolve('exited')));
    const ready = demo.watch.ready(demo.simulator.devices.length).then(() => 'ready' as const);
    const outcome = await withinTime(Promise.race([ready, exited]), READY_WITHIN_MS);
    if (outcome !== 'ready') {
      process.stderr.write(
        `The gateway ${outcome ?? 'did not become ready'}; its log: ${join(demo.directory, 'gateway.log')}\n`,
      );
      return 1;
    }
    await demo.receiver.behave({ type: options.receiver });
    const alert = await pressAndWatch(demo, FIRST_PRESS);
    const acknowledged = alert?.timeline.acknowledged !== undefined;
    if (acknowledged) await withinTime(shownAtWall(demo, FIRST_PRESS), WALL_WITHIN_MS);
    if (options.json) say(JSON.stringify({ acknowledged, ...alert }));
    else if (alert === undefined) say('The press was not published: see the log.');
    else report(demo, alert);
    if (!options.once && alert !== undefined) {
      invite(demo);
      await live(demo);
    }
    wentWell = acknowledged;
    return acknowledged ? 0 : 1;
  } finally {
    await demo.stop();
    // What went wrong is in the log: kept.
    if (wentWell) rmSync(demo.directory, { recursive: true, force: true });
  }
}

const command = new Command('npm start --')
  .description('Starts the gateway on a simulated site, presses a button and shows what became of it.')
  .option('--once', 'end after the first press; exit code 0 if it was acknowledged, 1 if not')
  .option('--json', "print the press's timeline as one JSON object on stdout")
  .addOption(
    new Option('--receiver <how>', 'how the simulated receiver behaves from the first press on')
      .choices(['normal', 'hang', 'refuse'])
      .default('normal'),
  )
  .exitOverride()
  .action(async (options: StartOptions) => {
    process.exitCode = await main(options);
  });
try {
  await command.parseAsync();
} catch (error) {
  if (!(error instanceof CommanderError)) throw error;
  process.exitCode = error.exitCode === 0 ? 0 : EXIT_USAGE;
}
process.exit();
