import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { SIM_COMMAND } from '../command-name.ts';
import { gatewayStatus, stillUnknown } from '../demo/gateway-status.ts';
import { type RunningGateway, startWholeSite, type WholeSite } from '../demo/whole-site.ts';
import { refused, usageError } from '../errors.ts';
import { countedDevices } from '../known-names.ts';
import { isPanelPossible, Panel } from '../panel/panel.ts';
import { removeLeftovers, temporaryDirectory } from '../site/temporary.ts';
import type { JsonFlag } from './arguments.ts';
import { tellFarEnds } from './far-end-lines.ts';
import { type Say, sayer } from './output.ts';
import { type TlsOptions, tlsFiles } from './tls-options.ts';
import type { UntilStopped } from './until-stopped.ts';

const LOOK_MS = 250;
const LINES_MAX = 6;
const LINE_LENGTH_MAX = 300;
const START_GATEWAY = 'Start a gateway beside it, or use --with-gateway. ? shows the keys.';

export interface ServeOptions extends JsonFlag, TlsOptions {
  readonly seed: number;
  readonly firmware?: string | true;
  readonly withReceivers?: boolean;
  readonly withGateway?: boolean;
  /** Wanted: a panel, where there is a terminal for it. */
  readonly ui?: boolean;
  /** Data directory of the gateway. */
  readonly data?: string;
}

/**
 * Simulates a site's devices at the far ends of their wires until it is stopped, and if wanted the
 * far ends of its paths, with a gateway between them.
 */
export async function serve(file: string, options: ServeOptions, untilStopped: UntilStopped): Promise<void> {
  const { seed, withGateway = false, withReceivers = withGateway, data, json = false } = options;
  if (data !== undefined && !withGateway) throw usageError('--data belongs to --with-gateway');
  const say = sayer(json);
  await removeLeftovers();
  const directory = withGateway ? await temporaryDirectory() : undefined;
  if (data !== undefined) mkdirSync(data, { recursive: true });
  let behaves = (_path: string, _how: string) => {};
  const whole = await startWholeSite(file, {
    seed,
    ...(options.firmware && { firmware: options.firmware }),
    onBehaviour: (path, how) => behaves(path, how),
    ...(withReceivers ? { receivers: tlsFiles(options) } : {}),
    ...(directory && {
      gateway: { data: data ?? join(directory.path, 'data'), logFile: join(directory.path, 'gateway.log') },
    }),
  }).catch((error: unknown) => {
    directory?.remove();
    throw error;
  });
  // A defect leaves no time to wait for the gateway. It ends by itself.
  process.once('exit', () => whole.simulator.stop());
  const panel = options.ui && !json && isPanelPossible() ? new Panel(whole) : undefined;
  let isStopped = false;
  const stop = async () => {
    isStopped = true;
    panel?.close();
    if (panel?.state.gateway === 'ended') process.exitCode = 1;
    await whole.stop();
    directory?.remove(process.exitCode === 1);
  };
  untilStopped(stop, panel?.quit);
  if (panel !== undefined) {
    behaves = (path, how) => panel.state.behaves(path, how);
    panel.say(whole.gateway === undefined ? START_GATEWAY : 'The gateway starts. ? shows the keys.');
    panel.open();
    return;
  }
  if (whole.ends !== undefined) behaves = tellFarEnds(file, whole.ends, say);
  tellDevices(file, whole, say);
  if (whole.gateway !== undefined) await tellGateway(whole.gateway, say, () => isStopped);
}

function tellDevices(file: string, { simulator, gateway }: WholeSite, say: Say): void {
  const { devices, gatewayNeeds } = simulator;
  const { nodeArguments, environment } = gatewayNeeds;
  simulator.onLed((device, led) => say(`${device} LED ${led}`, { event: 'led', device, led }));
  say(`Serving ${countedDevices(devices)}`, {
    event: 'serving',
    devices,
    ...(gateway === undefined && { gateway_needs: { node_arguments: nodeArguments, environment } }),
  });
  if (gateway === undefined && nodeArguments.length > 0) {
    const variables = Object.entries(environment).map(([name, value]) => `${name}=${value}`);
    const start = [...variables, `NODE_OPTIONS="${nodeArguments.join(' ')}"`].join(' ');
    say(`Start the gateway with:  ${start}`);
  }
  const [device] = devices;
  const [what, command] =
    device === undefined ? ['Let new ones appear', 'stranger INPUT'] : ['Press one', `press ${device}`];
  say(`${what}:  ${SIM_COMMAND} ${command} --site ${file}`);
}

/**
 * Says when the gateway is ready, and fails if it ends by itself.
 * @throws CallpointError SIMULATOR_REFUSED
 */
async function tellGateway({ process: gateway, data, logFile }: RunningGateway, say: Say, isStopped: () => boolean) {
  say(`The gateway starts; its data: ${data}  its log: ${logFile}`, { event: 'starting', data, log: logFile });
  const { child } = gateway;
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  while (child.exitCode === null && child.signalCode === null && !isStopped()) {
    const status = await gatewayStatus(data);
    if (stillUnknown(status, false).length === 0) {
      const troubles = status?.troubles.map(({ text }) => text) ?? [];
      say(['The gateway is ready.', ...troubles.map((text) => `  Trouble: ${text}`)].join('\n'), {
        event: 'ready',
        troubles,
      });
      break;
    }
    await Promise.race([exited, sleep(LOOK_MS)]);
  }
  await exited;
  if (isStopped()) return;
  process.exitCode = 1;
  process.kill(process.pid, 'SIGTERM');
  throw refused([`The gateway ended by itself; its log: ${logFile}`, ...lastLines(logFile)].join('\n'));
}

/** The end of a log, which says why. */
function lastLines(file: string): string[] {
  if (!existsSync(file)) return [];
  return readFileSync(file, 'utf8')
    .trim()
    .split('\n')
    .slice(-LINES_MAX)
    .map((line) => `  ${line.slice(0, LINE_LENGTH_MAX)}`);
}
