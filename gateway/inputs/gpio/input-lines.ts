import type { WiredContact } from '../wired-contact.ts';
import { LINES_MAX } from './linux-gpio.ts';

/** A line with a contact on it. */
export interface InputLine {
  readonly name: string;
  readonly pull: WiredContact['pull'];
}

/** The lines the contacts are on, each once. */
export function inputLines(contacts: readonly WiredContact[]): InputLine[] {
  const pulls = new Map<string, WiredContact['pull']>();
  for (const { pin, cutPin, pull } of contacts) {
    for (const name of cutPin === undefined ? [pin] : [pin, cutPin]) {
      if (!pulls.has(name)) pulls.set(name, pull);
    }
  }
  return [...pulls].map(([name, pull]) => ({ name, pull }));
}

/**
 * Lines that can be requested together: of the same bias, and no more than one request may have.
 *
 * @param which indices of lines, as the groups are
 */
export function requestGroups(lines: readonly InputLine[], which: readonly number[]): number[][] {
  const groups: number[][] = [];
  const open = new Map<WiredContact['pull'], number[]>();
  for (const index of which) {
    const pull = lines[index]?.pull ?? 'none';
    let group = open.get(pull);
    if (group === undefined || group.length === LINES_MAX) {
      group = [];
      groups.push(group);
      open.set(pull, group);
    }
    group.push(index);
  }
  return groups;
}
