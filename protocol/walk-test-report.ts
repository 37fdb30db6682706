import type { ProvenJournal } from './after-action-document.ts';
import type { WalkTestDocument } from './walk-test-document.ts';

/**
 * The report of a walk test as plain data: what the journal proves about it. Times named `…_at` are
 * ISO 8601 UTC by the gateway's wall clock.
 */
export interface WalkTestReport {
  readonly document: 'walk_test_report';
  readonly gateway: string;
  readonly site: string;
  readonly version: string;
  readonly made_at: string;
  /** The user who made the report. */
  readonly made_by: string;
  readonly journal: ProvenJournal;
  /** As the journal has it. `awaiting`: it was pressed, and no receiver has acknowledged it. */
  readonly walk_test: WalkTestDocument;
}
