import { textOf } from './https-answer-text.ts';
import type { HttpsAnswer } from './https-message.ts';

/** What an acknowledgement looks like. Every given part must match. */
export interface Expectation {
  readonly statuses?: readonly number[];
  /** A member of a JSON body: the path of names to it, and its value as text. */
  readonly member?: { readonly names: readonly string[]; readonly value: string };
  /** The whole body, without white space around it. */
  readonly text?: string;
}

/** What does not match, as the end of a sentence; `undefined`: everything matches. */
export function unmet({ statuses, member, text }: Expectation, answer: HttpsAnswer): string | undefined {
  if (statuses?.includes(answer.status) === false) return 'not with a status that expect: names';
  if (member !== undefined && memberOf(answer, member.names) !== member.value) {
    return `${member.names.join('.')} is not what expect: says`;
  }
  if (text !== undefined && (!answer.isWhole || textOf(answer).trim() !== text)) return 'not with the text of expect:';
  return undefined;
}

/** `undefined`: there is no such member, or it is not a text, a number or a truth value. */
function memberOf(answer: HttpsAnswer, names: readonly string[]): string | undefined {
  let value = answer.isWhole ? jsonOf(textOf(answer)) : undefined;
  for (const name of names) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined;
    value = (value as Readonly<Record<string, unknown>>)[name];
  }
  return typeof value === 'object' || value === undefined ? undefined : String(value);
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // A body that is not JSON has no members, so it does not match.
    return undefined;
  }
}
