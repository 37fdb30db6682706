import { z } from 'zod';
import { EXPECTATION_NAMES, EXPECTATION_SHAPES } from './expectation-shapes.ts';
import { HEAD_SHAPE } from './scenario-shape.ts';
import { ACTION_NAMES, STEP_SHAPES } from './step-shapes.ts';

/** The text of `scenario.schema.json`: JSON Schema of a scenario (draft 7, as editors know it). */
export function scenarioJsonSchemaText(): string {
  const expectation = z.union(EXPECTATION_NAMES.map((name) => EXPECTATION_SHAPES[name]));
  const steps = ACTION_NAMES.map((name) => {
    const shape = STEP_SHAPES[name];
    return name === 'wait' ? STEP_SHAPES.wait.extend({ wait: expectation }) : shape;
  });
  const whole = HEAD_SHAPE.extend({
    timeline: z.array(z.union(steps)).default([]).describe('Steps, in order.'),
    expect: z.array(expectation).min(1).describe('What must come true.'),
  });
  const schema = z.toJSONSchema(whole, { io: 'input', target: 'draft-7', reused: 'ref' });
  return `${JSON.stringify({ ...schema, title: 'Callpoint scenario' }, null, 2)}\n`;
}
