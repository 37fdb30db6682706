/**
 * `degraded`: lost a file or directory and went on, or found damage. `failed`: nothing can be
 * written.
 */
export type JournalState = 'ok' | 'degraded' | 'failed';
