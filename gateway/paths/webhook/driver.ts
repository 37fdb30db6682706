import type { Report } from '../../core/report.ts';
import { HttpsPath, type HttpsPathServices } from '../https-path.ts';
import type { PathDriver, PathSink } from '../path-driver.ts';
import { webhookDocument } from './document.ts';
import type { WebhookSettings } from './settings.ts';
import { SIGNATURE_HEADER, signatureOf } from './signature.ts';

/** Signed JSON by POST. */
export function createWebhookDriver(
  settings: WebhookSettings,
  sink: PathSink,
  services: HttpsPathServices,
): PathDriver {
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
