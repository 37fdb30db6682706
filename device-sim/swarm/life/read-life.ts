import { readFileSync } from 'node:fs';
import * as z from 'zod';
import { messageOf } from '../../../protocol/errors.ts';
import { usageError } from '../../errors.ts';
import { type Life, lifeShape } from './life-shape.ts';

/** @throws CallpointError USAGE */
export function readLife(file: string): Life {
  let written: unknown;
  try {
    written = JSON.parse(readFileSync(file, 'utf8'));
  } catch (cause) {
    throw usageError(`${file} can't be read as a life: ${messageOf(cause)}`);
  }
  const read = lifeShape.safeParse(written);
  if (!read.success) throw usageError(`${file} is no life:\n${z.prettifyError(read.error)}`);
  return read.data;
}
