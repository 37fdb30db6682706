import type { Report, UnsecuredDoor } from './report.ts';

const DOOR_WORDS: Record<UnsecuredDoor['state'], string> = {
  closed: 'closed, lock unknown',
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

export function unknownLocks(count: number): string {
  return `${count} ${count === 1 ? 'lock' : 'locks'} unknown`;
}

/**
 * The report as text of at most `most` characters. First its own text, whole where it fits. Then as
 * many doors that are not secured as fit. Then the closed doors whose lock state is unknown.
 */
export function reportText({ text, alert }: Report, most: number): string {
  if (text.length > most) return `${cut(text, most - 3)}...`;
  const doors = alert?.doors ?? [];
  const open = doors.filter(({ state }) => state !== 'closed').map(doorText);
  const closed = doors.filter(({ state }) => state === 'closed').map(({ name }) => name);
  const told = listBehind(
    text,
    { title: 'doors not secured', words: open, short: `${open.length} doors not secured` },
    most,
  );
  return listBehind(told, { title: 'lock unknown', words: closed, short: unknownLocks(closed.length) }, most);
}

/** Never cuts a character of two code units in half. */
function cut(text: string, most: number): string {
  return text
    .slice(0, Math.max(0, most))
    .replace(/[\uD800-\uDBFF]$/, '')
    .trimEnd();
}

interface List {
  readonly title: string;
  readonly words: readonly string[];
  /** Used where not even the first item fits. */
  readonly short: string;
}

function listBehind(text: string, { title, words, short }: List, most: number): string {
  if (words.length === 0) return text;
  const fitting = Math.min(words.length, Math.max(0, most - text.length));
  for (let count = fitting; count > 0; count--) {
    const more = count < words.length ? `, ${words.length - count} more` : '';
    const whole = `${text}; ${title}: ${words.slice(0, count).join(', ')}${more}`;
    if (whole.length <= most) return whole;
  }
  const counted = `${text}; ${short}`;
  return counted.length <= most ? counted : text;
}
