import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import type { AlertDocument } from '../protocol/mqtt-documents.ts';
import { printText } from './cli/output.ts';
import { outputEnd } from './cli/output-end.ts';
import { firstSignal } from './cli/until-stopped.ts';
import { type Demo, startDemo, withinTime } from './demo/demo.ts';
import { RECEIVER_PATH } from './demo/demo-paths.ts';
import { type Delivery, describeDeliveries, isDelivered, pressForEachPath } from './demo/each-path.ts';
import { invite, live } from './demo/live.ts';
import { pressAndWatch } from './demo/press-and-watch.ts';
import { describeTimeline } from './demo/timeline.ts';
import { isPanelPossible, Panel } from './panel/panel.ts';
import type { FarEndBehaviour } from './site/far-end.ts';

const FIRST_DEVICE = 'wb-203';
const FIRST_INPUT = 'bus-1';
/** Two presses on the first device. The kind of alert of the second one goes over every path. */
const FIRST_PRESS = { device: FIRST_DEVICE, button: '0' };
const EVERYWHERE_PRESS = { device: FIRST_DEVICE, button: '1' };
const WALL_WITHIN_MS = 1000;
const USUAL_MQTT_PORT = 1883;
const EXIT_USAGE = 2;

process.on('SIGUSR1', () => undefined);
const nobodyReads = outputEnd();

interface StartOptions {
  readonly once?: boolean;
  readonly eachInput?: boolean;
  readonly eachPath?: boolean;
  readonly json?: boolean;
  readonly firmware?: true;
  /** False: lines, also where a panel is possible. */
  readonly ui: boolean;
  /** How many times as long as usual each wait may last. */
  readonly patience: number;
  readonly receiver: Extract<FarEndBehaviour, 'normal' | 'hang' | 'refuse'>;
}

/** The outcome of the first press. */
interface First {
  readonly alert: AlertDocument | undefined;
  /** Outcome on each path; absent if that was not asked for. */
  readonly deliveries?: readonly Delivery[];
}

/** Resolves when the wall shows the answer, which may come later than the state on MQTT. */
function shownAtWall(demo: Demo, device: string): Promise<void> {
  return new Promise((resolve) => {
    if (demo.simulator.led(device) === 'green') resolve();
    demo.simulator.onLed((id, led) => {
      if (id === device && led === 'green') resolve();
    });
  });
}

function report(demo: Demo, { alert, deliveries }: First): void {
  if (alert === undefined) {
    printText('The press was not published: see the log.');
    return;
  }
  printText(`\n${alert.text}`);
  printText(`alert ${alert.id}: ${outcomeOf(alert)}\n`);
  for (const line of describeTimeline(alert)) printText(line);
  if (deliveries === undefined) reportDesks(demo, alert);
  else {
    printText('\n  The same alert on every path; ms from the press to the far end:\n');
    for (const line of describeDeliveries(deliveries)) printText(line);
  }
  printText(`\n  at the wall (${alert.device}): LED ${demo.simulator.led(alert.device)}`);
}

function outcomeOf({ state, not_confirmed, paths }: AlertDocument): string {
  if (not_confirmed) return 'NOT CONFIRMED';
  const central = paths[RECEIVER_PATH];
  const by =
    central?.state === 'acknowledged' ? ` by path ${RECEIVER_PATH}, receiver's number ${central.sequence}` : '';
  return `${state.toUpperCase()}${by}`;
}

function reportDesks({ ends }: Demo, alert: AlertDocument): void {
  const [receiver, ...others] = ends.all;
  const atDesk = receiver?.displayed.find(({ id }) => id === alert.id);
  printText(`\n  at the receiver's desk: ${atDesk === undefined ? 'nothing' : `${atDesk.terms}  ${atDesk.text}`}`);
  for (const { path, displayed } of others) {
    const elsewhere = displayed.find(({ text }) => text.startsWith(alert.text));
    if (elsewhere !== undefined) printText(`  on path ${path}, to ${elsewhere.to}: ${elsewhere.text}`);
  }
}

/** Presses one device on each input except the first, whose device has been pressed already. */
async function pressEachInput(demo: Demo, tell: (device: string, alert: AlertDocument | undefined) => void) {
  const firsts = new Map(demo.devices.toReversed().map((device) => [device.input, device.id]));
  firsts.delete(FIRST_INPUT);
  const alerts: (AlertDocument | undefined)[] = [];
  for (const device of [...firsts.values()].sort()) {
    const alert = await pressAndWatch(demo, { device, button: '0' });
    tell(device, alert);
    alerts.push(alert);
  }
  return alerts;
}

function tellInput(demo: Demo, device: string, alert: AlertDocument | undefined): void {
  const input = demo.devices.find(({ id }) => id === device)?.input ?? '';
  const { sent, acknowledged } = alert?.timeline ?? {};
  const ms = (value: number | undefined) => (value === undefined ? 'never' : value.toFixed(3)).padStart(9);
  printText(
    `  ${input.padEnd(10)} ${device.padEnd(12)} ${ms(sent)} ${ms(acknowledged)} ms   ${alert?.text ?? 'not raised'}`,
  );
}

const isAcknowledged = (alert: AlertDocument | undefined) => alert?.timeline.acknowledged !== undefined;

async function firstPress(demo: Demo, { receiver, eachPath }: StartOptions): Promise<First> {
  await demo.ends.of(RECEIVER_PATH).behave(receiver);
  const first: First = eachPath
    ? await pressForEachPath(demo, EVERYWHERE_PRESS)
    : { alert: await pressAndWatch(demo, FIRST_PRESS) };
  if (isAcknowledged(first.alert)) await withinTime(shownAtWall(demo, FIRST_DEVICE), WALL_WITHIN_MS * demo.patience);
  return first;
}

/** Returns true if every press was acknowledged, and delivered on every path that was asked for. */
async function run(demo: Demo, options: StartOptions): Promise<boolean> {
  const first = await firstPress(demo, options);
  if (!options.json) report(demo, first);
  const isTour = options.eachInput || !(options.once || options.json || options.eachPath);
  const others = isTour ? await pressOthers(demo, options) : [];
  const { alert, deliveries } = first;
  const wentWell = [alert, ...others].every(isAcknowledged) && (deliveries ?? []).every(isDelivered);
  if (options.json) {
    const rest = { ...(deliveries && { deliveries }), ...(options.eachInput && { others }) };
    printText(JSON.stringify({ acknowledged: wentWell, ...alert, ...rest }));
  }
  if (!options.once && !options.json && alert !== undefined) {
    invite(demo, options.eachPath ?? false, printText);
    await live(demo, printText, nobodyReads);
  }
  return wentWell;
}

/** The options about one look at the outcome print lines: programs read them. */
function isPanelWanted({ once, eachInput, eachPath, json, ui }: StartOptions): boolean {
  return ui && !(once || eachInput || eachPath || json) && isPanelPossible();
}

/** Returns false if the gateway ended by itself. */
async function runPanel(demo: Demo, options: StartOptions): Promise<boolean> {
  const panel = new Panel(demo.whole);
  const stopped = firstSignal();
  panel.open();
  panel.state.behaves(RECEIVER_PATH, options.receiver);
  await demo.ends.of(RECEIVER_PATH).behave(options.receiver);
  panel.press(FIRST_DEVICE);
  panel.say(`${FIRST_DEVICE} was pressed. p presses the selected device, ? shows all keys, q ends it.`);
  await Promise.race([panel.quit, stopped, nobodyReads]);
  panel.close();
  printText('Ending the gateway …');
  return panel.state.gateway !== 'ended';
}

async function pressOthers(demo: Demo, { json }: StartOptions): Promise<(AlertDocument | undefined)[]> {
  if (json) return pressEachInput(demo, () => undefined);
  printText('\nOne press on each of the other wires:\n                              sent acknowledged');
  return pressEachInput(demo, (device, alert) => tellInput(demo, device, alert));
}

async function main(options: StartOptions): Promise<number> {
  const { eachPath = false, patience } = options;
  // The usual port is used only where a person may want to subscribe.
  const { firmware } = options;
  const mqttPort = options.once ? {} : { mqttPort: USUAL_MQTT_PORT };
  const demo = await startDemo({ ...mqttPort, ...(firmware && { firmware }), eachPath, patience });
  let wentWell = false;
  try {
    if (!options.json) introduce(demo, eachPath);
    const outcome = await demo.ready((missing) => process.stderr.write(`Still waiting for: ${missing}\n`));
    if (outcome !== 'ready') {
      const what = outcome === 'exited' ? 'ended' : `is not ready; it still waits for: ${demo.missing()}`;
      process.stderr.write(`The gateway ${what}; its log: ${demo.logFile}\n`);
      return 1;
    }
    wentWell = await (isPanelWanted(options) ? runPanel(demo, options) : run(demo, options));
    return wentWell ? 0 : 1;
  } finally {
    // The log says what failed, so it is kept.
    await demo.stop(!wentWell);
  }
}

function readPatience(text: string): number {
  if (!/^([1-9]|1[0-9]|20)$/.test(text)) throw new InvalidArgumentError('It is a whole number from 1 to 20.');
  return Number(text);
}

function introduce({ ends }: Demo, eachPath: boolean): void {
  const ways = eachPath ? 'and the far end of each path' : 'a receiver and a pager';
  printText(`Starting the gateway, its MQTT broker, ${ways} …`);
  printText('Inputs: wall nodes, GPIO contacts, a Firmata board, a Modbus module, Bluetooth and Zigbee buttons.');
  if (eachPath) for (const { path, what } of ends.all) printText(`  ${path.padEnd(8)} ${what}`);
}

const command = new Command('npm start --')
  .description('Starts the gateway on a simulated site, presses a button on every wire and shows what became of it.')
  .option('--once', 'end after the first press; exit code 0 if it was acknowledged, 1 if not')
  .option('--each-input', 'press one device on every input; exit code 0 if all were acknowledged')
  .option('--each-path', 'one press over a path of every kind at once; exit code 0 if each delivered it exactly once')
  .option('--firmware', "let the wall nodes run the firmware's machine code: make -C hardware/node builds it")
  .option('--json', 'print the timeline as one JSON object on stdout, and end')
  .option('--no-ui', 'print lines, also where a live panel is possible')
  .addOption(
    new Option('--receiver <how>', 'how the simulated receiver behaves from the first press on')
      .choices(['normal', 'hang', 'refuse'])
      .default('normal'),
  )
  .addOption(
    new Option(
      '--patience <times>',
      'let the gateway and this command wait this many times as long as usual, for a slow machine: an emulated one',
    )
      .argParser(readPatience)
      .default(1),
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
