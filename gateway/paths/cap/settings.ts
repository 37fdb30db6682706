import type { CapSource } from '../cap-report.ts';
import type { HttpsPathSettings } from '../https-path.ts';

/** A server that takes CAP 1.2 messages over HTTPS. */
export interface CapSettings extends HttpsPathSettings {
  readonly driver: 'cap';
  readonly source: CapSource;
}
