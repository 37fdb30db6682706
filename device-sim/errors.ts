import { CallpointError } from '../protocol/errors.ts';

/** A mistake in how the simulator was called; shown without a stack. */
export function usageError(message: string): CallpointError {
  return new CallpointError('USAGE', message);
}
