import type { AlertDocument, Publication } from '../../protocol/mqtt-documents.ts';
import { alertMessages, isRetained, type MqttMessage, messagesOf } from '../../protocol/mqtt-topics.ts';

/**
 * The newest document of an alert as the JSON that clients get, with what the overview counts. Most
 * publications of a storm are alerts: to clone the document for the MQTT thread and to write it
 * there costs twice as much.
 */
export interface WrittenAlert extends Pick<AlertDocument, 'id' | 'mode' | 'not_confirmed' | 'raised_at'> {
  readonly kind: 'alert';
  readonly isOpen: boolean;
  readonly text: string;
}

/** A publication as the MQTT thread gets it. */
export type WrittenPublication = Exclude<Publication, { readonly kind: 'alert' }> | WrittenAlert;

export function written(publication: Publication): WrittenPublication {
  if (publication.kind !== 'alert') return publication;
  const { id, mode, not_confirmed, raised_at } = publication.document;
  const text = JSON.stringify(publication.document);
  return { kind: 'alert', id, mode, not_confirmed, raised_at, isOpen: isRetained(publication), text };
}

export function messagesOfWritten(gateway: string, publication: WrittenPublication): readonly MqttMessage[] {
  if (publication.kind !== 'alert') return messagesOf(gateway, publication);
  return alertMessages(gateway, publication.id, publication.text, publication.isOpen);
}
