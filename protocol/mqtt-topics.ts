import { COMMAND_BYTES_MAX, type CommandResult, parseFields, readCommand } from './gateway-command.ts';
import type { Publication } from './mqtt-documents.ts';

/**
 * The topic tree `callpoint/v1/<gateway>/…`: which document goes where, what is retained, and what a client may command.
 * Everything is published at QoS 1. States are retained, momentary events never: a retained press would come back as a phantom
 * alarm after every reconnect.
 */
export interface MqttMessage {
  readonly topic: string;
  /** JSON; empty removes what is retained on the topic. */
  readonly payload: string;
  readonly retain: boolean;
}

/** Homie's words. `lost` is only ever said by the will. */
type GatewayState = 'ready' | 'disconnected' | 'lost';

const UNSAFE_IN_SEGMENT = /[\p{Cc}\s/+#%]/gu;

/** `callpoint/v1/<gateway>`, without a slash at the end. */
export function topicRoot(gateway: string): string {
  return `callpoint/v1/${topicSegment(gateway)}`;
}

/**
 * An id as one level of a topic. Separators, wildcards and control characters are percent-encoded, so that no id can reach
 * another topic.
 */
export function topicSegment(id: string): string {
  return id.replace(UNSAFE_IN_SEGMENT, (character) => {
    const code = character.codePointAt(0) ?? 0;
    return `%${code.toString(16).toUpperCase().padStart(2, '0')}`;
  });
}

/**
 * Birth, farewell and will.
 *
 * @param session rises with every start of the gateway; the same in the will and in the birth it belongs to
 * @param at ISO 8601 UTC; in a will the time at which it was left with the broker
 */
export function statusMessage(gateway: string, state: GatewayState, session: number, at: string): MqttMessage {
  return {
    topic: `${topicRoot(gateway)}/status`,
    payload: JSON.stringify({ state, session, at }),
    retain: true,
  };
}

/** Where a publication goes beneath the root. Publications with the same place replace each other, but for events. */
export function topicPlace(publication: Publication): string {
  switch (publication.kind) {
    case 'alert':
      return `alert/${topicSegment(publication.document.id)}`;
    case 'event':
      return `dev/${topicSegment(publication.document.device)}/event`;
    case 'device':
      return `dev/${topicSegment(publication.document.device)}/state`;
    case 'path':
      return `link/${topicSegment(publication.document.path)}/status`;
    case 'input':
      return `input/${topicSegment(publication.document.input)}/status`;
    case 'trouble':
      return `trouble/${topicSegment(publication.document.id)}`;
    case 'door':
      return `door/${topicSegment(publication.document.door)}/state`;
    case 'drill':
      return `drill/${topicSegment(publication.document.scope)}`;
  }
}

/** True if the document is what its topic holds from now on; false for events and for the last word on an alert or trouble. */
export function isRetained(publication: Publication): boolean {
  switch (publication.kind) {
    case 'alert':
      return publication.document.state !== 'resolved' && publication.document.state !== 'cancelled';
    case 'trouble':
      return publication.document.state === 'standing';
    case 'drill':
      return publication.document.state === 'running';
    case 'event':
      return false;
    default:
      return true;
  }
}

/**
 * The messages of one publication, in order. The last word on an alert or trouble is said once, not retained, and then what
 * was retained is removed.
 */
export function messagesOf(gateway: string, publication: Publication): readonly MqttMessage[] {
  const topic = `${topicRoot(gateway)}/${topicPlace(publication)}`;
  const retain = isRetained(publication);
  const said: MqttMessage = { topic, payload: JSON.stringify(publication.document), retain };
  return retain || publication.kind === 'event' ? [said] : [said, { topic, payload: '', retain: true }];
}

/** One message on `cmd/…` as a client sent it. */
interface ReceivedCommand {
  readonly topic: string;
  readonly payload: string;
  readonly retain: boolean;
  /** Who sent it, as authenticated; whatever the payload claims is ignored. */
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
