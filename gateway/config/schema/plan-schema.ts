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
