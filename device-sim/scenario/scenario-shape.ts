import { z } from 'zod';
import { BUILT_IN_SITES } from './built-in-sites.ts';
import { choice, text } from './fields.ts';

/** A scenario without the entries of its two lists, whose fields depend on the entry. */
export const HEAD_SHAPE = z.strictObject(
  {
    name: text('a sentence that says what is promised', 'What is promised, as a sentence.'),
    about: text('a text for people', 'For people: why, and where it comes from.').optional(),
    site: z
      .union([z.string(), z.record(z.string(), z.unknown())], {
        error: `the path of a site.yaml, ${BUILT_IN_SITES.join(', ')}, or a whole site`,
      })
      .describe(
        `Path of a site.yaml, relative to this file; ${BUILT_IN_SITES.join(' or ')}: a built-in one; or a whole site.`,
      ),
    broker: choice(['embedded', 'external'], 'external: the MQTT broker is a process of its own.').default('embedded'),
    timeline: z.array(z.unknown(), { error: 'a list of steps' }).default([]).describe('Steps, in order.'),
    expect: z
      .array(z.unknown(), { error: 'a list of expectations' })
      .min(1, { error: 'at least one expectation' })
      .describe('What must come true.'),
  },
  { error: 'name:, site:, timeline: and expect:' },
);
