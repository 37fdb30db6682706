import { createInterface } from 'node:readline';
import { Command, CommanderError, Option } from 'commander';
import { messageOf } from '../protocol/errors.ts';
import type { AlertDocument } from '../protocol/mqtt-documents.ts';
import { describeNotice } from './cli/describe-notice.ts';
import { type Demo, startDemo, withinTime } from './demo/demo.ts';
import { MQTT_USER } from './demo/demo-site.ts';
import { pressAndWatch } from './demo/press-and-watch.ts';
import { describeTimeline, isComplete } from './demo/timeline.ts';
import type { ReceiverBehaviour } from './receiver/behaviour.ts';

const PATH = 'central';
const FIRST_PRESS = 'wb-203';
const FIRST_INPUT = 'bus-1';
const HELD_MS = 300;
const WALL_WITHIN_MS = 1000;
const USUAL_MQTT_PORT = 1883;
const EXIT_USAGE = 2;

interface StartOptions {
  readonly once?: boolean;
  readonly eachInput?: boolean;
  readonly json?: boolean;
  readonly receiver: Extract<ReceiverBehaviour['type'], 'normal' | 'hang' | 'refuse'>;
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
  const { siteFile, devices, mqttPassword, mqttPort } = demo;
  say(`
Press others: type a room number and Enter (${devices.map(({ room }) => room.number).join(' ')};
"m101" for a wall node's medical button). Or from another terminal:
  npm run -s sim -- press wb-105 --site ${siteFile}
  npm run -s sim -- door pull-201 open --site ${siteFile}
See it on MQTT (password ${mqttPassword}):
  mosquitto_sub -p ${mqttPort} -u ${MQTT_USER} -P ${mqttPassword} -t 'callpoint/v1/demo/#' -v
The gateway's log: ${demo.logFile}
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
    if (line.trim() !== '') pressTyped(demo, line);
  });
  await new Promise<void>((resolve) => {
    process.once('SIGINT', () => resolve());
    process.once('SIGTERM', () => resolve());
  });
  typed.close();
}

function pressTyped({ devices, simulator }: Demo, line: string): void {
  const [, medical, number] = /^\s*(m?)\s*(\d{3})\s*$/.exec(line) ?? [];
  const device = devices.find(({ room }) => room.number === number);
  if (device === undefined) {
    say('  a room number of the site is wanted, such as 105');
    return;
  }
  const button = medical === 'm' ? '1' : '0';
  try {
    simulator.press(device.id, button, 'single');
    setTimeout(() => simulator.release(device.id, button), HELD_MS).unref();
  } catch (error) {
    say(`  ${messageOf(error)}`);
  }
}

/** One press of one device on each input but the first one's, which has been pressed. */
async function pressEachInput(demo: Demo, tell: (device: string, alert: AlertDocument | undefined) => void) {
  const firsts = new Map(demo.devices.toReversed().map((device) => [device.input, device.id]));
  firsts.delete(FIRST_INPUT);
  const alerts: (AlertDocument | undefined)[] = [];
  for (const device of [...firsts.values()].sort()) {
    const alert = await pressAndWatch(demo, device);
    tell(device, alert);
    alerts.push(alert);
  }
  return alerts;
}

function tellInput(demo: Demo, device: string, alert: AlertDocument | undefined): void {
  const input = demo.devices.find(({ id }) => id === device)?.input ?? '';
  const { sent, acknowledged } = alert?.timeline ?? {};
  const ms = (value: number | undefined) => (value === undefined ? 'never' : value.toFixed(3)).padStart(9);
  say(`  ${input.padEnd(10)} ${device.padEnd(12)} ${ms(sent)} ${ms(acknowledged)} ms   ${alert?.text ?? 'not raised'}`);
}

const isAcknowledged = (alert: AlertDocument | undefined) => alert?.timeline.acknowledged !== undefined;

async function firstPress(demo: Demo, options: StartOptions): Promise<AlertDocument | undefined> {
  await demo.receiver.behave({ type: options.receiver });
  const alert = await pressAndWatch(demo, FIRST_PRESS);
  if (isAcknowledged(alert)) await withinTime(shownAtWall(demo, FIRST_PRESS), WALL_WITHIN_MS);
  return alert;
}

/** True if every press was acknowledged. */
async function run(demo: Demo, options: StartOptions): Promise<boolean> {
  const first = await firstPress(demo, options);
  if (!options.json && first === undefined) say('The press was not published: see the log.');
  else if (!options.json && first !== undefined) report(demo, first);
  const isTour = options.eachInput || !(options.once || options.json);
  const others = isTour ? await pressOthers(demo, options) : [];
  const wentWell = [first, ...others].every(isAcknowledged);
  if (options.json) {
    const rest = options.eachInput ? { others } : {};
    say(JSON.stringify({ acknowledged: wentWell, ...first, ...rest }));
  }
  if (!options.once && !options.json && first !== undefined) {
    invite(demo);
    await live(demo);
  }
  return wentWell;
}

async function pressOthers(demo: Demo, { json }: StartOptions): Promise<(AlertDocument | undefined)[]> {
  if (json) return pressEachInput(demo, () => undefined);
  say('\nOne press on each of the other wires:\n                              sent acknowledged');
  return pressEachInput(demo, (device, alert) => tellInput(demo, device, alert));
}

async function main(options: StartOptions): Promise<number> {
  // The usual port only if somebody may want to subscribe.
  const demo = await startDemo(options.once ? 0 : USUAL_MQTT_PORT);
  let wentWell = false;
  try {
    if (!options.json) {
      say(
        'Starting the gateway: wall nodes on a serial line, contacts on GPIO and on a Firmata board, a Modbus module,',
      );
      say('Bluetooth and Zigbee buttons, a receiver, an MQTT broker …');
    }
    const outcome = await demo.ready();
    if (outcome !== 'ready') {
      const what = outcome === 'exited' ? 'ended' : `is not ready: ${demo.watch.missing().join(', ')}`;
      process.stderr.write(`The gateway ${what}; its log: ${demo.logFile}\n`);
      return 1;
    }
    wentWell = await run(demo, options);
    return wentWell ? 0 : 1;
  } finally {
    // What went wrong is in the log: kept.
    await demo.stop(wentWell);
  }
}

const command = new Command('npm start --')
  .description('Starts the gateway on a simulated site, presses a button on every wire and shows what became of it.')
  .option('--once', 'end after the first press; exit code 0 if it was acknowledged, 1 if not')
  .option('--each-input', 'press one device on every input; exit code 0 if all were acknowledged')
  .option('--json', 'print the timeline as one JSON object on stdout, and end')
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
