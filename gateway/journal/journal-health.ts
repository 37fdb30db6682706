/**
 * `degraded`: the journal lost a file or directory and continued, or found damage. `failed`: it
 * can't write.
 */
export type JournalState = 'ok' | 'degraded' | 'failed';
