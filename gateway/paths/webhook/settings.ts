import type { HttpsPathSettings } from '../https-path.ts';
import type { SitePlaces } from '../site-places.ts';

/** A program that accepts reports as JSON. */
export interface WebhookSettings extends HttpsPathSettings {
  readonly driver: 'webhook';
  /** Shared with the receiver; its UTF-8 bytes are the key of the signature. */
  readonly secret: string;
  readonly places: SitePlaces;
}
