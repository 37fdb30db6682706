import { SIM_COMMAND } from '../command-name.ts';
import { usageError } from '../errors.ts';
import { isServed, named, obeyAtInputs, serveControl } from '../site/control.ts';
import { controlSocket, epochNow, readSite } from '../site/site-file.ts';
import { SiteSimulator } from '../site/site-simulator.ts';

/** Simulates a site's devices at the far ends of their wires until it is stopped. */
export async function serve(
  file: string,
  seed: number,
  out: (line: string) => void,
  untilStopped: (stop: () => void) => void,
): Promise<void> {
  const socket = controlSocket(file, 'inputs');
  if (await isServed(socket)) throw usageError(`${file} is served already: stop that simulator first`);
  const simulator = new SiteSimulator(readSite(file, epochNow()), seed);
  await simulator.ready();
  const control = await serveControl(
    socket,
    obeyAtInputs(simulator, () => readSite(file, epochNow())),
  ).catch((error: unknown) => {
    simulator.stop();
    throw error;
  });
  untilStopped(() => {
    simulator.stop();
    control.close();
  });
  simulator.onLed((device, led) => out(`${device} LED ${led}`));
  out(`Serving ${named(simulator.devices)}`);
  const { nodeArguments, environment } = simulator.gatewayNeeds;
  if (nodeArguments.length > 0) {
    const variables = Object.entries(environment).map(([name, value]) => `${name}=${value}`);
    out(`Start the gateway with:  ${[...variables, `NODE_OPTIONS="${nodeArguments.join(' ')}"`].join(' ')}`);
  }
  const [device] = simulator.devices;
  if (device === undefined) out(`Let new ones appear:  ${SIM_COMMAND} stranger INPUT --site ${file}`);
  else out(`Press one:  ${SIM_COMMAND} press ${device} --site ${file}`);
}
