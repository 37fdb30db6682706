import { CallpointError } from '../protocol/errors.ts';

/** A usage error of the simulator. It is shown without a stack trace. */
export function usageError(message: string): CallpointError {
  return new CallpointError('USAGE', message);
}

/** The simulator can't do it now, or nothing can hear it. */
export function refused(message: string): CallpointError {
  return new CallpointError('SIMULATOR_REFUSED', message);
}
