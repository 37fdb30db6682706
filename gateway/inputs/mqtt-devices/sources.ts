import type { MqttDevice, MqttSource } from './settings.ts';

/** Everything that the device says, and where. */
export function sourcesOf(device: MqttDevice): readonly MqttSource[] {
  const { buttons, points, availability = [], bridge, battery, lastSeen } = device;
  return [...buttons, ...points, ...availability, bridge, battery, lastSeen].filter((source) => source !== undefined);
}
