import { deviceDiscovery, pathDiscovery } from '../../protocol/home-assistant.ts';
import type { Publication } from '../../protocol/mqtt-documents.ts';
import { type MqttMessage, topicPlace } from '../../protocol/mqtt-topics.ts';

/**
 * Remembers what Home Assistant has heard, so that each device and path is announced once, and
 * again after a change.
 */
export class Discovery {
  readonly #prefix: string;
  readonly #gateway: string;
  readonly #announced = new Map<string, { readonly look: string; readonly messages: readonly MqttMessage[] }>();

  constructor(prefix: string, gateway: string) {
    this.#prefix = prefix;
    this.#gateway = gateway;
  }

  /** What must be announced before this publication. Usually nothing. */
  learn(publication: Publication): readonly MqttMessage[] {
    if (publication.kind === 'gone') return this.#forget(topicPlace(publication));
    const look = lookOf(publication);
    if (look === undefined) return [];
    const place = topicPlace(publication);
    if (this.#announced.get(place)?.look === look) return [];
    const messages = this.#messages(publication);
    this.#announced.set(place, { look, messages });
    return messages;
  }

  /** Home Assistant removes what is announced with an empty payload. */
  #forget(place: string): readonly MqttMessage[] {
    const messages = this.#announced.get(place)?.messages ?? [];
    this.#announced.delete(place);
    return messages.map(({ topic }) => ({ topic, payload: '', retain: true }));
  }

  all(): readonly MqttMessage[] {
    return [...this.#announced.values()].flatMap(({ messages }) => messages);
  }

  #messages(publication: Publication): readonly MqttMessage[] {
    if (publication.kind === 'device') return deviceDiscovery(this.#prefix, this.#gateway, publication.document);
    if (publication.kind === 'path') return pathDiscovery(this.#prefix, this.#gateway, publication.document);
    return [];
  }
}

/**
 * The part of a document that the announcement depends on. It must be cheap, because each
 * publication asks for it.
 */
function lookOf(publication: Publication): string | undefined {
  if (publication.kind === 'path') return '';
  if (publication.kind !== 'device') return undefined;
  const { points, battery_mv, low_battery, room } = publication.document;
  const battery = battery_mv !== null || low_battery !== null;
  return JSON.stringify([room, battery, Object.entries(points).map(([id, { type }]) => [id, type])]);
}
