import {
  deviceDiscovery,
  doorDiscovery,
  pathDiscovery,
  saysBattery,
  siteDiscovery,
  staleDiscovery,
} from '../../protocol/home-assistant.ts';
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
    const before = this.#announced.get(place);
    if (before?.look === look) return [];
    const messages = this.#messages(publication);
    this.#announced.set(place, { look, messages });
    const now = new Set(messages.map(({ topic }) => topic));
    const past = before?.messages ?? this.#stale(publication);
    return [...past.filter(({ topic }) => !now.has(topic)).map(removal), ...messages];
  }

  #forget(place: string): readonly MqttMessage[] {
    const messages = this.#announced.get(place)?.messages ?? [];
    this.#announced.delete(place);
    return messages.map(removal);
  }

  /** What is known before any publication. */
  site(): readonly MqttMessage[] {
    return siteDiscovery(this.#prefix, this.#gateway);
  }

  all(): readonly MqttMessage[] {
    return [...this.site(), ...[...this.#announced.values()].flatMap(({ messages }) => messages)];
  }

  #stale(publication: Publication): readonly MqttMessage[] {
    if (publication.kind !== 'device') return [];
    return staleDiscovery(this.#prefix, this.#gateway, publication.document);
  }

  #messages(publication: Publication): readonly MqttMessage[] {
    if (publication.kind === 'device') return deviceDiscovery(this.#prefix, this.#gateway, publication.document);
    if (publication.kind === 'path') return pathDiscovery(this.#prefix, this.#gateway, publication.document);
    if (publication.kind === 'door') return doorDiscovery(this.#prefix, this.#gateway, publication.document);
    return [];
  }
}

/** Home Assistant removes what is announced with an empty payload. */
function removal({ topic }: MqttMessage): MqttMessage {
  return { topic, payload: '', retain: true };
}

/**
 * The part of a document that the announcement depends on. It must be cheap, because each
 * publication asks for it.
 */
function lookOf(publication: Publication): string | undefined {
  if (publication.kind === 'path') return '';
  if (publication.kind === 'door') return publication.document.name;
  if (publication.kind !== 'device') return undefined;
  const { points, tamper, buttons, building_name, floor_name, room_name } = publication.document;
  const known = [saysBattery(publication.document), tamper !== null];
  const types = Object.entries(points).map(([id, { type }]) => [id, type]);
  return JSON.stringify([building_name, floor_name, room_name, known, types, Object.keys(buttons)]);
}
