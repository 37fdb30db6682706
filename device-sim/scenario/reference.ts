import type { z } from 'zod';
import { EXPECTATION_NAMES, EXPECTATION_SHAPES } from './expectation-shapes.ts';
import { device, input, path } from './fields.ts';
import { ACTION_NAMES, STEP_SHAPES } from './step-shapes.ts';

const BEGIN = '<!-- made by npm run schema: begin -->';
const END = '<!-- end -->';
/** Every step and every expectation has these. */
const COMMON = ['name', 'at', 'after', 'since', 'within'];

/** The page with the tables of steps and of expectations as they are now. */
export function withReference(page: string): string {
  const begin = page.indexOf(BEGIN);
  const end = page.indexOf(END);
  if (begin === -1 || end < begin) throw new Error(`the page has no lines "${BEGIN}" and "${END}"`);
  return `${page.slice(0, begin + BEGIN.length)}\n\n${tables()}\n\n${page.slice(end)}`;
}

function tables(): string {
  const steps = ACTION_NAMES.map((name) => row(name, STEP_SHAPES[name]));
  const expectations = EXPECTATION_NAMES.map((name) => row(name, EXPECTATION_SHAPES[name]));
  const head = (what: string) => `| ${what} | what it means | further fields |\n| --- | --- | --- |`;
  return [head('step'), ...steps, '', head('expectation'), ...expectations].join('\n');
}

function row(name: string, shape: z.ZodObject): string {
  const types = Object.entries(shape.shape) as [string, z.ZodType][];
  const fields = types.filter(([field]) => field !== name && !COMMON.includes(field));
  const own = types.find(([field]) => field === name)?.[1];
  const what = PLACES.get(own);
  const meaning = [shape.description, ...(what === undefined ? [described(own)] : [])].join(' ');
  const more = fields.map(([field, type]) => `\`${field}\`: ${described(type)}`);
  return `| \`${name}: ${what ?? '…'}\` | ${meaning} | ${more.join(' ')} |`.replaceAll(/\s+/g, ' ');
}

const PLACES = new Map<unknown, string>([
  [device, 'DEVICE'],
  [input, 'INPUT'],
  [path, 'PATH'],
]);

/** Of the type itself, or of the one that may be left out. */
function described(type: z.ZodType | undefined): string {
  if (type?.description !== undefined) return type.description;
  const { innerType } = (type?.def ?? {}) as { readonly innerType?: z.ZodType };
  return innerType === undefined ? '' : described(innerType);
}
