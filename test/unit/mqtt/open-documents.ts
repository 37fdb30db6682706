import type { Publication } from '../../../protocol/mqtt-documents.ts';
import { isRetained } from '../../../protocol/mqtt-topics.ts';

/** The open alerts of a test that publishes, as the core keeps them. */
export class OpenDocuments {
  readonly #open = new Map<string, Publication>();

  /** Call this before the publication is given to the link. */
  note(publication: Publication): void {
    if (publication.kind !== 'alert') return;
    if (isRetained(publication)) this.#open.set(publication.document.id, publication);
    else this.#open.delete(publication.document.id);
  }

  newest(): Iterator<Publication> {
    return this.#open.values();
  }
}
