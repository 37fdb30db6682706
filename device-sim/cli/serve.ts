import { obeyAtInputs, serveControl } from '../site/control.ts';
import { controlSocket, epochNow, readSite } from '../site/site-file.ts';
import { SiteSimulator } from '../site/site-simulator.ts';

/** Puts a site's devices at the far ends of their wires until it is stopped. */
export async function serve(
  file: string,
  seed: number,
  out: (line: string) => void,
  untilStopped: (stop: () => void) => void,
): Promise<void> {
  const simulator = new SiteSimulator(readSite(file, epochNow()), seed);
  const control = await serveControl(controlSocket(file, 'inputs'), obeyAtInputs(simulator));
  simulator.onLed((device, led) => out(`${device} LED ${led}`));
  await simulator.ready();
  out(`Serving ${simulator.devices.length} devices: ${simulator.devices.join(', ')}`);
  const { nodeArguments, environment } = simulator.gatewayNeeds;
  if (nodeArguments.length > 0) {
    const variables = Object.entries(environment).map(([name, value]) => `${name}=${value}`);
    out(`Start the gateway with:  ${[...variables, `NODE_OPTIONS="${nodeArguments.join(' ')}"`].join(' ')}`);
  }
  out(`Press one:  npm run -s sim -- press ${simulator.devices[0] ?? 'DEVICE'} --site ${file}`);
  untilStopped(() => {
    simulator.stop();
    control.close();
  });
}
