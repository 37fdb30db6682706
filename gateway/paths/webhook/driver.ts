import type { Report } from '../../core/report.ts';
import type { Names } from '../../names/names.ts';
import { HttpsPath } from '../https-path.ts';
import type { PathDriver, PathSink } from '../path-driver.ts';
import { webhookDocument } from './document.ts';
import type { WebhookSettings } from './settings.ts';
import { SIGNATURE_HEADER, signatureOf } from './signature.ts';

export interface WebhookServices extends Names {
  /** This machine's wall clock, ms since 1970 UTC. */
  nowWallMs(): number;
}

/** Signed JSON by POST. */
export function createWebhookDriver(settings: WebhookSettings, sink: PathSink, services: WebhookServices): PathDriver {
  const { secret, places } = settings;
  const sign = (body: string) => ({ [SIGNATURE_HEADER]: signatureOf(secret, services.nowWallMs(), body) });
  const messages = {
    report: (report: Report) => {
      const body = JSON.stringify(webhookDocument(report, places));
      const headers = { 'content-type': 'application/json', 'idempotency-key': report.id, ...sign(body) };
      return { headers, body };
    },
    pollHeaders: () => sign(''),
  };
  return new HttpsPath(settings, sink, messages, services);
}
