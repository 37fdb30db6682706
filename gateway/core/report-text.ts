import type { Report, UnsecuredDoor } from './report.ts';

const DOOR_WORDS: Record<UnsecuredDoor['state'], string> = {
  closedUnlocked: 'unlocked',
  open: 'open',
  forced: 'forced',
  heldOpen: 'held open',
  unknown: 'unknown',
};

/** "Rm 102 Office open" */
export function doorText({ name, state }: UnsecuredDoor): string {
  return `${name} ${DOOR_WORDS[state]}`;
}

/**
 * The report in words, at most `most` characters: its text first and whole where it fits, then as many of the doors that are not
 * secured as there is room for.
 */
export function reportText({ text, alert }: Report, most: number): string {
  if (text.length > most) return `${cut(text, most - 3)}...`;
  const doors = alert?.doors ?? [];
  if (doors.length === 0) return text;
  return doorsBehind(text, doors, most);
}

/** Never through the middle of a character of two code units. */
function cut(text: string, most: number): string {
  return text
    .slice(0, Math.max(0, most))
    .replace(/[\uD800-\uDBFF]$/, '')
    .trimEnd();
}

function doorsBehind(text: string, doors: readonly UnsecuredDoor[], most: number): string {
  const words = doors.map(doorText);
  const fitting = Math.min(words.length, Math.max(0, most - text.length));
  for (let count = fitting; count > 0; count--) {
    const more = count < words.length ? `, ${words.length - count} more` : '';
    const whole = `${text}; doors not secured: ${words.slice(0, count).join(', ')}${more}`;
    if (whole.length <= most) return whole;
  }
  const counted = `${text}; ${words.length} doors not secured`;
  return counted.length <= most ? counted : text;
}
