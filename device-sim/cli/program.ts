import { Argument, Command, InvalidArgumentError } from 'commander';
import { usageError } from '../errors.ts';
import type { ControlRequest } from '../site/control.ts';
import type { DoorState } from '../site/site-simulator.ts';
import { behavioursHelp } from './behaviours-help.ts';
import type { ReceiverCommandOptions } from './receiver.ts';

// Each command loads its own code when it is called: help and usage errors must not wait for a
// simulator.

/** The process that takes commands about a site's inputs, and the command that starts it. */
const INPUTS = ['inputs', 'serve SITE'] as const;
/** The same for the far ends of its paths. */
const PATHS = ['paths', 'receiver --site SITE'] as const;

const out = (line: string) => {
  process.stdout.write(`${line}\n`);
};

function wholeNumber(text: string): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(value)) {
    throw new InvalidArgumentError('a whole number, 0 or more, is wanted');
  }
  return value;
}

function signedNumber(text: string): number {
  if (!/^[+-]?\d{1,8}$/.test(text)) throw new InvalidArgumentError('a whole number of seconds is wanted, such as -90');
  return Number(text);
}

function portNumber(text: string): number {
  const port = wholeNumber(text);
  if (port > 65_535) throw new InvalidArgumentError('a port from 0 to 65535 is wanted');
  return port;
}

const STOPS = ['SIGTERM', 'SIGINT', 'SIGHUP'] as const;

/**
 * Runs `stop` once, at a signal or when nothing reads the output any more, then lets the process
 * end. If a defect ends the process, only the synchronous part of `stop` runs.
 */
function untilStopped(stop: () => void | Promise<void>, nobodyReads: Promise<void>): void {
  let isStopping = false;
  const once = () => {
    if (isStopping) return;
    isStopping = true;
    process.off('exit', once);
    for (const signal of STOPS) process.off(signal, once);
    Promise.resolve(stop()).catch((error: unknown) => {
      process.stderr.write(`${String(error)}\n`);
      process.exitCode = 1;
    });
  };
  process.once('exit', once);
  for (const signal of STOPS) process.on(signal, once);
  void nobodyReads.then(once);
}

/**
 * A path misbehaves in the process that plays the paths, an input in the one that plays the inputs.
 */
async function servedBy(site: string, name: string): Promise<typeof INPUTS | typeof PATHS> {
  const { epochNow, readSite } = await import('../site/site-file.ts');
  const { paths, inputs } = readSite(site, epochNow());
  const isPath = paths.some(({ id }) => id === name);
  return !isPath && inputs.some(({ id }) => id === name) ? INPUTS : PATHS;
}

async function ask(site: string, request: ControlRequest): Promise<void> {
  const [{ askControl }, { controlSocket }] = await Promise.all([
    import('../site/control.ts'),
    import('../site/site-file.ts'),
  ]);
  const [served, start] = request.command === 'behave' ? await servedBy(site, request.path) : INPUTS;
  const answer = await askControl(controlSocket(site, served), start, request);
  if (!answer.ok) throw usageError(answer.error);
  const { alert, note } = answer;
  const pressed = request.command === 'press' && note !== undefined ? `pressed ${request.device}, but ` : '';
  if (note !== undefined) out(`${pressed}${note}`);
  else out(alert === undefined ? 'done' : `pressed: alert ${alert}`);
}

/**
 * The commands of `callpoint-sim`.
 *
 * @param nobodyReads resolves when nothing more can be printed
 */
export function program(nobodyReads: Promise<void> = new Promise(() => undefined)): Command {
  const root = new Command('callpoint-sim')
    .description(
      'Simulates the hardware around a gateway: devices at the far ends of its wires, receivers at those of its paths.',
    )
    .exitOverride()
    .showHelpAfterError('(callpoint-sim --help lists the commands)');

  root
    .command('serve')
    .description("simulate a site's devices at the far ends of their wires, where its configuration expects them")
    .argument('<site>', 'site.yaml, with keys.yaml beside it')
    .option('--seed <n>', 'the same seed gives the same jitter', wholeNumber, 1)
    .action(async (site: string, options: { seed: number }) => {
      const { serve } = await import('./serve.ts');
      await serve(site, options.seed, out, (stop) => untilStopped(stop, nobodyReads));
    });

  root
    .command('press')
    .description('press a button of a served site')
    .argument('<device>')
    .option('--site <file>', 'the served site', 'site.yaml')
    .option('--button <id>', 'button id or number', '0')
    .option('--long', 'a long press')
    .option('--hold <ms>', 'how long until the button is released', wholeNumber, 300)
    .action(async (device: string, options: { site: string; button: string; long?: boolean; hold: number }) => {
      const pattern = options.long ? 'long' : 'single';
      await ask(options.site, { command: 'press', device, button: options.button, pattern, holdMs: options.hold });
    });

  root
    .command('door')
    .description('move a door or its bolt in a served site')
    .argument('<device>')
    .addArgument(new Argument('<state>').choices(['open', 'closed', 'locked', 'unlocked']))
    .option('--site <file>', 'the served site', 'site.yaml')
    .action(async (device: string, state: DoorState, options: { site: string }) => {
      await ask(options.site, { command: 'door', device, state });
    });

  root
    .command('set-up')
    .description('set the devices of a served site up as its changed files have them, each with its key')
    .option('--site <file>', 'the served site', 'site.yaml')
    .addHelpText(
      'after',
      '\nWhat a person does at a new or replaced device. A wall node with a new key begins with epoch 1.',
    )
    .action(async (options: { site: string }) => {
      await ask(options.site, { command: 'setUp' });
    });

  for (const command of ['unplug', 'replug'] as const) {
    root
      .command(command)
      .description(
        command === 'unplug' ? 'unplug an input of a served site' : 'plug an input of a served site in again',
      )
      .argument('<input>')
      .option('--site <file>', 'the served site', 'site.yaml')
      .action(async (input: string, options: { site: string }) => {
        await ask(options.site, { command, input });
      });
  }

  root
    .command('stranger')
    .description('press a device that the site does not have, on an input of a served site')
    .argument('<input>')
    .option('--site <file>', 'the served site', 'site.yaml')
    .option('--count <n>', 'how many such devices are there; not of Modbus modules', wholeNumber, 1)
    .addHelpText(
      'after',
      '\nA node on the bus, a Bluetooth tag, a Modbus module, or a device that joins at an MQTT bridge.',
    )
    .action(async (input: string, options: { site: string; count: number }) => {
      await ask(options.site, { command: 'stranger', input, count: options.count });
    });

  addPaths(root, nobodyReads);
  return addFrames(root);
}

/** Adds the commands about the far ends of paths. */
function addPaths(root: Command, nobodyReads: Promise<void>): void {
  const several = (id: string, before: readonly string[] = []) => [...before, id];
  root
    .command('receiver')
    .description('simulate the far end of each path of a site, and print what they display')
    .option('--site <file>', 'site.yaml, with keys.yaml beside it')
    .option('--path <id>', 'serve only this path; may be given several times', several)
    .option('--tls-certificate <file>', 'certificate of far ends that use TLS, PEM')
    .option('--tls-key <file>', 'its private key, PEM')
    .option('--port <n>', 'serve one DC-09 receiver on this TCP port instead; 0 takes any free one', portNumber)
    .option('--account <hex>', 'with --port: the account it accepts, unless --site is given', '1234')
    .option('--key <hex>', 'with --port: accept only encrypted messages: 32, 48 or 64 hex digits')
    .option('--behave <how>', 'with --port: misbehave from the start, as sim behave says')
    .option(
      '--clock-off <seconds>',
      'with --port: its clock is ahead by this time; a negative time, such as -90, is behind',
      signedNumber,
    )
    .action(async (options: ReceiverCommandOptions) => {
      const { runReceiver } = await import('./receiver.ts');
      await runReceiver(options, out, (stop) => untilStopped(stop, nobodyReads));
    });

  root
    .command('behave')
    .description(
      'make the far end of a path, or the devices of an MQTT input, misbehave from now on, while they are served',
    )
    .argument('<path>', 'a path, or an input over MQTT')
    .argument('<how>')
    .option('--site <file>', 'the site', 'site.yaml')
    .addHelpText('after', behavioursHelp)
    .action(async (path: string, how: string, options: { site: string }) => {
      await ask(options.site, { command: 'behave', path, how });
    });
}

function addFrames(root: Command): Command {
  root
    .command('frames')
    .description('print the wire frames of presses, one hex line each, for a test rig that drives the line itself')
    .requiredOption('--device <id>')
    .requiredOption('--count <n>', 'how many', wholeNumber)
    .option('--site <file>', 'site with the device and its key', 'site.yaml')
    .option(
      '--epoch <n>',
      'boot epoch of the device; must rise from run to run (default: seconds since 1970)',
      wholeNumber,
    )
    .option('--first-counter <n>', 'counter of the first frame', wholeNumber, 1)
    .option('--button <n>', 'button number', wholeNumber, 0)
    .action(
      async (options: {
        device: string;
        count: number;
        site: string;
        epoch?: number;
        firstCounter: number;
        button: number;
      }) => {
        const [{ pressFrames }, { epochNow, readSite }] = await Promise.all([
          import('../site/device-frames.ts'),
          import('../site/site-file.ts'),
        ]);
        const { device, count, firstCounter, button, epoch = epochNow() } = options;
        const site = readSite(options.site, epoch);
        for (const line of pressFrames(site, { device, count, epoch, firstCounter, button })) out(line);
      },
    );
  return root;
}
