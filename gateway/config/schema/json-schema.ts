import * as z from 'zod';
import { sections, siteSchema } from './site-schema.ts';
import { anyDevice, anyInput, anyOutput, anyPath } from './unknown-driver-schema.ts';

type JsonSchema = Readonly<Record<string, unknown>>;

/** JSON Schema of `site.yaml` (draft 7, which YAML editors know best). */
export function siteJsonSchema(): JsonSchema {
  const whole = siteSchema.extend({
    inputs: sections.inputs(anyInput()),
    devices: sections.devices(anyDevice()),
    outputs: sections.outputs(anyOutput()),
    paths: sections.paths(anyPath()),
  });
  const schema = z.toJSONSchema(whole, { io: 'input', target: 'draft-7' });
  return { ...schema, title: 'Callpoint site.yaml' };
}

/** The text of `callpoint.schema.json`. */
export function siteJsonSchemaText(): string {
  return `${JSON.stringify(siteJsonSchema(), null, 2)}\n`;
}
