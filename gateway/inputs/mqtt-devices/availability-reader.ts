import type { NotUnderstood, Presence } from '../../core/signal.ts';
import { Message } from './message.ts';
import { isAmong, parseJson } from './payload.ts';
import type { MqttAvailability } from './settings.ts';
import { memberName } from './sources.ts';

interface Said {
  readonly says: Presence;
  readonly word: string;
}

/** Zigbee2MQTT 2 says `{"state":"offline"}` where earlier versions said `offline`. */
const STATE = ['state'];

/**
 * What the message says of presence; `undefined`: nothing.
 *
 * A device may use the plain form where the JSON form is configured, or the other way round. After
 * its update, nobody must have to correct the configuration for a loss to be noticed.
 *
 * @param isShared something else is read from the topic too: a word that is not understood may
 *   belong to that
 */
export function availabilityIn(availability: MqttAvailability, message: Message, isShared = false): Said | undefined {
  const word = wordIn(availability, message);
  if (word === undefined) return undefined;
  const says = presence(availability, word);
  return says === 'unclear' && isShared ? undefined : { says, word };
}

/** The same of a message that nothing else is read from. */
export function availabilityInPayload(availability: MqttAvailability, payload: string): Said | undefined {
  return availabilityIn(availability, new Message(payload, parseJson(payload)));
}

/** For a person: the word that is not understood. */
export function unclearWord(availability: MqttAvailability, word: string): NotUnderstood {
  return { type: 'notUnderstood', of: 'availability', member: memberName(availability), value: word };
}

function wordIn(availability: MqttAvailability, message: Message): string | undefined {
  const part = message.partsOf(availability).at(-1);
  if (part === undefined) return undefined;
  if (availability.path.length > 0) return part.text(availability.path) ?? message.word;
  return part.text(STATE) ?? message.word ?? message.payload;
}

function presence({ online, offline }: MqttAvailability, word: string): Presence {
  if (isAmong(offline, word)) return 'offline';
  return isAmong(online, word) ? 'online' : 'unclear';
}
