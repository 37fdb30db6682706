import type { PressPattern } from '../../../protocol/press-pattern.ts';
import type { Exercise } from '../report.ts';
import type { Button } from '../site.ts';
import type { ButtonUse } from './button-use.ts';

/** Begins the outcome of a test. */
const TEST = 'test ';

/** The kind (id) of alert that the button raises in this pattern. */
export function kindOf(button: Button, pattern: PressPattern): string {
  return button.patternKinds?.get(pattern) ?? button.kind;
}

/** Equal for presses that raise the same. */
export function outcomeOf(kind: string, exercise: Exercise | undefined): string {
  return exercise === undefined ? kind : `${exercise} ${kind}`;
}

export function isTestOutcome(outcome: string | undefined): boolean {
  return outcome?.startsWith(TEST) === true;
}

/**
 * The button is held on, which only a long press is. After one `hold` alone the click that ended it
 * may be lost, so that stays a `hold`.
 */
export function heldPattern({ patternKinds }: Button, { isHeldOn }: ButtonUse): PressPattern {
  return isHeldOn && patternKinds?.has('hold') !== true ? 'long' : 'hold';
}
