import type { DiscoveryDocument } from './discovery-document.ts';
import type { StatusDocument } from './status-document.ts';
import type { WalkTestDocument } from './walk-test-document.ts';

/**
 * The questions that the control socket answers, each with the document that answers it. A question
 * changes nothing: it needs no reason, and nobody is noted as its sender.
 */
export interface AnswerDocuments {
  readonly status: StatusDocument;
  readonly discovered: DiscoveryDocument;
  readonly walkTest: WalkTestDocument;
}

export type QuestionName = keyof AnswerDocuments;

/** A new question is a line here, and one in `gateway.ts`. */
export const QUESTION_NAMES: readonly QuestionName[] = ['status', 'discovered', 'walkTest'];
