import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DeviceClient } from '../../../device-sim/mqtt/mqtt-client.ts';
import type { SmallSite } from './small-site.ts';

const PASSWORD = 'bridge-Pa55word';

/**
 * Adds an MQTT input to the site, its devices and a client that publishes for them.
 *
 * @param devices entries of `devices:`, each on one line
 * @param topics what the client may publish
 */
export function addMqttDevices(
  { file, directory }: SmallSite,
  devices: readonly string[],
  topics: readonly string[],
): void {
  const site = readFileSync(file, 'utf8')
    .replace('\ninputs:\n', '\ninputs:\n  - { id: mqtt-1, driver: mqtt }\n')
    .replace('\ndevices:\n', `\ndevices:\n${devices.map((device) => `  - ${device}\n`).join('')}`)
    .replace('role: operator }', `role: operator }, { name: bridge, role: device, topics: ${JSON.stringify(topics)} }`);
  writeFileSync(file, site);
  const keys = join(directory, 'keys.yaml');
  writeFileSync(keys, readFileSync(keys, 'utf8').replace('mqtt: {', `mqtt: { bridge: "${PASSWORD}",`));
}

/** Connects as the client that publishes for the devices, with a will that the broker retains. */
export function bridgeOf({ mqttPort }: SmallSite, willTopic: string): Promise<DeviceClient> {
  return DeviceClient.connect(
    { url: `mqtt://127.0.0.1:${mqttPort}`, username: 'bridge', password: PASSWORD },
    { topic: willTopic, payload: 'offline' },
  );
}
