import { z } from 'zod';
import { choice, device, duration, flag, path, text, whole } from './fields.ts';

const WITHIN_MS = 10_000;

const within = duration(
  'Bound, from the first press of the device, from `since`, or from the start. Default 10s.',
).default(WITHIN_MS);
const since = text('the name of a step', 'Name of the step that the bound counts from.').optional();
const has = z
  .record(z.string(), z.unknown(), { error: 'fields of the document, such as { mode: drill }' })
  .describe('Fields that the document has, at least; inner ones too.')
  .optional();

const expectation = <T extends z.ZodRawShape>(fields: T, description: string) =>
  z.strictObject({ ...fields, since }, { error: 'an expectation such as alert: intruder' }).describe(description);

const subject = text('the id of a device, door, input, output or path', 'What it is about, by its id.').optional();
const ANY = 'any';

/** What can be expected, by the field that says what. A new one is a line here. */
export const EXPECTATION_SHAPES = {
  alert: expectation(
    {
      alert: text('the kind of the alert, or any', 'Kind of the alert, or any.'),
      from: device.default(ANY),
      acknowledged: path.optional(),
      text: text('a part of its text', 'Part of its text.').optional(),
      times: whole(1, 100_000, 'Exactly so many alerts. Default: one or more.').optional(),
      has,
      within,
    },
    'An alert is raised; with acknowledged: a path’s receiver has acknowledged it.',
  ),
  noAlert: expectation({ noAlert: text('a device, or any', 'Device, or any.') }, 'No alert is raised.'),
  shown: expectation(
    {
      shown: path,
      text: text('a part of what is displayed', 'Part of what is displayed.').optional(),
      from: device.optional(),
      times: whole(0, 100_000, 'Exactly so many times. Default: once or more.').optional(),
      within,
    },
    'The far end of a path displays something to a person.',
  ),
  trouble: expectation(
    {
      trouble: text('the type of a trouble, such as inputDown', 'Type of the trouble.'),
      of: subject,
      text: text('a part of its text', 'Part of its text.').optional(),
      within,
    },
    'A trouble is raised.',
  ),
  restored: expectation(
    { restored: text('the type of a trouble, such as inputDown', 'Type of the trouble.'), of: subject, within },
    'A trouble is restored.',
  ),
  noTrouble: expectation(
    { noTrouble: text('the type of a trouble, or any', 'Type of the trouble, or any.'), of: subject },
    'No trouble is raised.',
  ),
  wall: expectation(
    {
      wall: device,
      shows: choice(['off', 'amberSlow', 'amberFast', 'green', 'red'], 'What the LED shows.'),
      stays: flag('It shows this and nothing else until the end.').default(false),
      within,
    },
    'The LED of a wall node shows something.',
  ),
  mqtt: expectation(
    {
      mqtt: text('a topic below callpoint/v1/GATEWAY', 'Topic below callpoint/v1/GATEWAY; + and # are wildcards.'),
      has,
      within,
    },
    'A document is published over MQTT.',
  ),
  journal: expectation(
    { journal: choice(['verifies'], 'verifies.') },
    'callpoint verify finds the journal complete and unaltered.',
  ),
} as const;

export type ExpectationName = keyof typeof EXPECTATION_SHAPES;
export const EXPECTATION_NAMES = Object.keys(EXPECTATION_SHAPES) as readonly ExpectationName[];

/** What was written, with its defaults, its kind and its place in the file. */
export type Expectation = {
  [K in ExpectationName]: { readonly what: K; readonly fileLine: number; readonly written: string } & Readonly<
    z.output<(typeof EXPECTATION_SHAPES)[K]>
  >;
}[ExpectationName];
