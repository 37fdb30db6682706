/** Environment of the gateway under test: the failpoint at which it dies, and at which pass. */
export const FAILPOINT = 'CALLPOINT_TEST_FAILPOINT';
export const PASS = 'CALLPOINT_TEST_FAILPOINT_PASS';
/** The call of the journal's disk that fails, as JSON. */
export const DISK = 'CALLPOINT_TEST_DISK';

export interface DiskFault {
  /** The number of the call, from 1. `slow`: each write. */
  readonly at: number;
  readonly kind: 'EIO' | 'ENOSPC' | 'short' | 'stall' | 'slow';
  readonly stallMs: number;
}
