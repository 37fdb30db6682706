import { encodeCap } from '../../../protocol/cap/cap-message.ts';
import type { Report } from '../../core/report.ts';
import { capMessageOf } from '../cap-report.ts';
import type { HttpsAnswer } from '../https-message.ts';
import { HttpsPath, type HttpsPathServices } from '../https-path.ts';
import type { PathDriver, PathSink } from '../path-driver.ts';
import { readCapAnswer } from './answer.ts';
import type { CapSettings } from './settings.ts';

/**
 * CAP 1.2 messages by POST. A repeat is identical to the byte: sender, identifier and time sent
 * identify it.
 */
export function createCapDriver(settings: CapSettings, sink: PathSink, services: HttpsPathServices): PathDriver {
  const { source } = settings;
  const messages = {
    report: (report: Report) => ({
      headers: { 'content-type': 'application/cap+xml; charset=utf-8' },
      body: encodeCap(capMessageOf(report, source)),
    }),
    pollHeaders: () => ({}),
    read: (report: Report, answer: HttpsAnswer) =>
      readCapAnswer(answer, { sender: source.sender, identifier: report.id }),
  };
  return new HttpsPath(settings, sink, messages, services);
}
