import { COMMAND_BYTES_MAX, type CommandResult, parseFields, readCommand } from './gateway-command.ts';
import type { OverviewDocument, Publication } from './mqtt-documents.ts';

/**
 * The topic tree `callpoint/v1/<gateway>/…`: the topic of each document, what is retained, and what
 * a client may command. Everything is published at QoS 1. States are retained, momentary events
 * never: a retained press would come back as a phantom alarm after every reconnect.
 */
export interface MqttMessage {
  readonly topic: string;
  /** JSON. An empty payload removes the topic's retained message. */
  readonly payload: string;
  readonly retain: boolean;
}

/** The states of the Homie convention. Only the will publishes `lost`. */
type GatewayState = 'ready' | 'disconnected' | 'lost';

const UNSAFE_IN_SEGMENT = /[\p{Cc}\s/+#%]/gu;

/** `callpoint/v1/<gateway>`, without a slash at the end. */
export function topicRoot(gateway: string): string {
  return `callpoint/v1/${topicSegment(gateway)}`;
}

/**
 * Writes an id as one level of a topic. Separators, wildcards and control characters are
 * percent-encoded, so that no id can reach another topic.
 */
export function topicSegment(id: string): string {
  return id.replace(UNSAFE_IN_SEGMENT, (character) => {
    const code = character.codePointAt(0) ?? 0;
    return `%${code.toString(16).toUpperCase().padStart(2, '0')}`;
  });
}

/**
 * Builds the birth, farewell and will.
 * @param session rises with every start of the gateway; a will has the same as its birth
 * @param at ISO 8601 UTC; in a will the time at which it was given to the broker
 */
export function statusMessage(gateway: string, state: GatewayState, session: number, at: string): MqttMessage {
  return {
    topic: `${topicRoot(gateway)}/status`,
    payload: JSON.stringify({ state, session, at }),
    retain: true,
  };
}

/**
 * Returns the topic of a publication below the root. Publications with the same topic replace each
 * other, except events.
 */
export function topicPlace(publication: Publication): string {
  switch (publication.kind) {
    case 'alert':
      return alertPlace(publication.document.id);
    case 'event':
      return `dev/${topicSegment(publication.document.device)}/event`;
    case 'device':
      return PLACES.device(topicSegment(publication.document.device));
    case 'path':
      return PLACES.path(topicSegment(publication.document.path));
    case 'input':
      return PLACES.input(topicSegment(publication.document.input));
    case 'trouble':
      return `trouble/${topicSegment(publication.document.id)}`;
    case 'door':
      return PLACES.door(topicSegment(publication.document.door));
    case 'drill':
      return `drill/${topicSegment(publication.document.scope)}`;
    case 'gone':
      return PLACES[publication.document.of](topicSegment(publication.document.id));
    case 'walkTest':
      return 'walk-test';
  }
}

const PLACES = {
  device: (segment: string) => `dev/${segment}/state`,
  path: (segment: string) => `link/${segment}/status`,
  input: (segment: string) => `input/${segment}/status`,
  door: (segment: string) => `door/${segment}/state`,
} as const;

/**
 * Returns true if the topic holds the document from now on; false for events and for the last
 * document of an alert or trouble.
 */
export function isRetained(publication: Publication): boolean {
  switch (publication.kind) {
    case 'alert':
      return publication.document.state !== 'resolved' && publication.document.state !== 'cancelled';
    case 'trouble':
      return publication.document.state === 'standing';
    case 'drill':
      return publication.document.state === 'running';
    case 'event':
    case 'gone':
      return false;
    default:
      return true;
  }
}

/**
 * Returns the messages of one publication in order. The last document of an alert or trouble is
 * published once without retention, and then the retained one is removed.
 */
export function messagesOf(gateway: string, publication: Publication): readonly MqttMessage[] {
  const topic = `${topicRoot(gateway)}/${topicPlace(publication)}`;
  if (publication.kind === 'gone') return [{ topic, payload: '', retain: true }];
  const payload = JSON.stringify(publication.document);
  if (publication.kind === 'event') return [{ topic, payload, retain: false }];
  return stateMessages(topic, payload, isRetained(publication));
}

/**
 * Returns the messages of an alert whose document is JSON already.
 * @param isOpen false: this is its last document
 */
export function alertMessages(gateway: string, id: string, payload: string, isOpen: boolean): readonly MqttMessage[] {
  return stateMessages(alertTopic(gateway, id), payload, isOpen);
}

export function alertTopic(gateway: string, id: string): string {
  return `${topicRoot(gateway)}/${alertPlace(id)}`;
}

function stateMessages(topic: string, payload: string, retain: boolean): readonly MqttMessage[] {
  const said = { topic, payload, retain };
  return retain ? [said] : [said, { topic, payload: '', retain: true }];
}

function alertPlace(id: string): string {
  return `alert/${topicSegment(id)}`;
}

/** The place of the overview below the root. */
export const OVERVIEW = 'overview';

export function overviewMessage(gateway: string, overview: OverviewDocument): MqttMessage {
  return { topic: `${topicRoot(gateway)}/${OVERVIEW}`, payload: JSON.stringify(overview), retain: true };
}

/** One message on `cmd/…` as a client sent it. */
interface ReceivedCommand {
  readonly topic: string;
  readonly payload: string;
  readonly retain: boolean;
  /** The sender as authenticated. A claim in the payload is ignored. */
  readonly by: string;
}

/** Reads a command. Never throws, whatever was sent. */
export function parseCommand(gateway: string, received: ReceivedCommand): CommandResult {
  const root = `${topicRoot(gateway)}/cmd/`;
  if (!received.topic.startsWith(root)) return { ok: false, reason: 'no command of this gateway' };
  // A retained command would be carried out again at every reconnect.
  if (received.retain) return { ok: false, reason: 'a command must not be retained' };
  if (received.payload.length > COMMAND_BYTES_MAX) {
    return { ok: false, reason: `longer than ${COMMAND_BYTES_MAX} bytes` };
  }
  const fields = parseFields(received.payload);
  if (fields === undefined) return { ok: false, reason: 'not a JSON object' };
  return readCommand(received.topic.slice(root.length), fields, received.by);
}
