import type { MqttDevice, MqttSource } from './settings.ts';

/** Everything that the device says, and where. */
export function sourcesOf(device: MqttDevice): readonly MqttSource[] {
  const { buttons, points, availability = [], bridge, battery, lastSeen } = device;
  return [...buttons, ...points, ...availability, bridge, battery, lastSeen].filter((source) => source !== undefined);
}

/** Where the value of a source is, for a person: the member, or the topic of a plain message. */
export function memberName({ topic, path }: Pick<MqttSource, 'topic' | 'path'>): string {
  return path.length === 0 ? topic : path.join('.');
}
