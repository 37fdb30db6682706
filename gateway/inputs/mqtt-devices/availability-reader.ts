import { Message } from './message.ts';
import { parseJson } from './payload.ts';
import type { MqttAvailability } from './settings.ts';

/** Whether the message reports the device present; `undefined`: it reports neither. */
export function availabilityIn(availability: MqttAvailability, message: Message): boolean | undefined {
  const text = message.textsOf(availability).at(-1);
  if (text === undefined) return undefined;
  if (availability.offline.includes(text)) return false;
  return availability.online.includes(text) ? true : undefined;
}

/** The same of a message that nothing else is read from. */
export function availabilityInPayload(availability: MqttAvailability, payload: string): boolean | undefined {
  return availabilityIn(availability, new Message(payload, parseJson(payload)));
}
