import { expect, test } from 'vitest';
import type { Report, UnsecuredDoor } from '../../../gateway/core/report.ts';
import { doorText, reportText } from '../../../gateway/core/report-text.ts';

function door(name: string, state: UnsecuredDoor['state']): UnsecuredDoor {
  return { id: name, name, state };
}

function report(...doors: UnsecuredDoor[]): Report {
  const alert = { doors } as unknown as NonNullable<Report['alert']>;
  return { text: 'Intruder, Rm 5', alert } as Report;
}

const RM_1 = door('Rm 1', 'open');
const RM_2 = door('Rm 2', 'closed');
const RM_3 = door('Rm 3', 'closed');
const RM_4 = door('Rm 4', 'closed');

test.each<[string, UnsecuredDoor[], number, string]>([
  ['all secured', [], 99, 'Intruder, Rm 5'],
  ['open ones first', [RM_2, RM_1], 99, 'Intruder, Rm 5; doors not secured: Rm 1 open; lock unknown: Rm 2'],
  ['no door open', [RM_2, RM_3], 99, 'Intruder, Rm 5; lock unknown: Rm 2, Rm 3'],
  ['no room for every lock', [RM_2, RM_3, RM_4], 42, 'Intruder, Rm 5; lock unknown: Rm 2, 2 more'],
  ['no room for any name', [RM_2, RM_3], 31, 'Intruder, Rm 5; 2 locks unknown'],
  ['room for the open ones only', [RM_1, RM_2], 50, 'Intruder, Rm 5; doors not secured: Rm 1 open'],
])('%s', (_what, doors, most, words) => {
  expect(reportText(report(...doors), most)).toBe(words);
});

test('a structured link says of a closed door that nothing is known of its lock', () => {
  expect(doorText(RM_2)).toBe('Rm 2 closed, lock unknown');
});
