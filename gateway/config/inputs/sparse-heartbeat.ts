import * as z from 'zod';
import { expected } from '../fields/fields.ts';

/** For battery devices, which may send nothing between events: 0, or up to a day. */
export function sparseHeartbeat(about: string) {
  const error = expected('0, or a number from 1 to 86400 without quotes, such as 60');
  return z
    .number(error)
    .min(0, error)
    .max(86_400, error)
    .refine((seconds) => seconds === 0 || seconds >= 1, error)
    .describe(about)
    .optional();
}
