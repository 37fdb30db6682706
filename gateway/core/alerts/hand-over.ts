import type { Context } from '../context.ts';
import type { Alert } from './alert.ts';

/**
 * The outcome's own record does not say what the outcome means for the alert. Only the plan knows.
 */
export function journalHandOver({ id, deliveries }: Alert, path: string, context: Context): void {
  const n = new Map(deliveries).get(path)?.attempts ?? 0;
  const at = context.now.wallMs;
  context.journal({ t: 'outcome', at, report: id, path, n, outcome: 'handedOver', completes: true });
}
