import { PATTERNS } from '../fields/device-schema.ts';
import { choice, id, list, mapping, number, someOf, whole } from '../fields/fields.ts';

const pathName = id('Path.');

const joining = mapping(
  {
    path: pathName,
    afterSeconds: number(0, 600, 3, 'Delay after the path before it, while there is no acknowledgement.').optional(),
  },
  '{ path: radio, afterSeconds: 3 }',
);

/** The mapping under `plan:`. */
export const plan = mapping(
  {
    kinds: someOf(
      id('Kind of alert, or all.'),
      'a list of kinds of alert, or [all]',
      'Kinds of alert that use this plan; all: those that no other entry names, and everything that is not an alert.',
    ),
    start: someOf(pathName, 'a list of at least one path', 'Paths that start at once, side by side.'),
    join: list(joining, '- { path: radio, afterSeconds: 3 }', 'Paths that join, in this order.').default([]),
    done: choice(
      ['receiverAcknowledged', 'handedOver'],
      'handedOver: content that a pager terminal or the like has taken it. Default receiverAcknowledged.',
    ).default('receiverAcknowledged'),
  },
  '{ kinds: [medical], start: [central] }',
);

/** The mapping under `drills:`. */
export const drills = mapping(
  {
    override: list(
      choice(PATTERNS, 'Way of pressing.'),
      '[long]',
      'Presses in these patterns are real even while a drill runs.',
    ).default([]),
  },
  '{ override: [long] }',
);

/** A single press is all that a walk test can be made of. */
const REAL_PATTERNS = ['hold', 'long', 'longDouble', 'longTriple', 'double', 'triple'] as const;

/** The mapping under `walkTest:`. */
export const walkTest = mapping(
  {
    realPatterns: list(
      choice(REAL_PATTERNS, 'Way of pressing.'),
      '[hold, long]',
      'Presses in these patterns are real even while a walk test covers their device.',
    ).default([...REAL_PATTERNS]),
    realHoldSeconds: number(
      0,
      60,
      3,
      'A button that is held for this long is real, even in a walk test; 0: never, for buttons that stay pressed until they are reset.',
    ).default(3),
    realRepeatSeconds: number(
      0,
      60,
      3,
      'A press that comes this soon after the one before it, of the same button, is real, even in a walk test; 0: never.',
    ).default(3),
    weakestDbm: number(-127, 0, -80, 'Radio: weakest reception of a press at which a place is accepted.').default(-80),
    provenWithinDays: whole(
      0,
      3650,
      100,
      'What was not proven for longer (in a walk test, a drill, a real alert or, a door, by use) is a trouble; 0: it is none.',
    ).default(100),
    reportHour: whole(0, 23, 7, 'Local hour of the morning report of what was not proven.').default(7),
  },
  '{ realHoldSeconds: 3, provenWithinDays: 100 }',
);

/** The mapping under `canary:`. */
export const canary = mapping(
  {
    device: id('Device with the canary button.'),
    button: id('Its button. Each of its presses is a test.'),
    output: id('Output that closes the contact; without it an external device must press it.').optional(),
    everyMinutes: whole(5, 10_080, 1440, 'Time between two canary presses.').default(1440),
    withinSeconds: number(1, 600, 60, 'Longest time from the due press to the last acknowledgement.').default(60),
  },
  '{ device: canary-1, button: button-1, output: canary-relay }',
);
