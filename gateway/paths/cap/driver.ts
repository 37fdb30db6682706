import { encodeCap } from '../../../protocol/cap/cap-message.ts';
import type { Report } from '../../core/report.ts';
import type { Names } from '../../names/names.ts';
import { capMessageOf } from '../cap-report.ts';
import { HttpsPath } from '../https-path.ts';
import type { PathDriver, PathSink } from '../path-driver.ts';
import type { CapSettings } from './settings.ts';

/** CAP 1.2 messages by POST. A repeat is the same message to the byte: sender, identifier and time sent name it. */
export function createCapDriver(settings: CapSettings, sink: PathSink, names: Names = {}): PathDriver {
  const { source, authorization } = settings;
  const common = authorization === undefined ? {} : { authorization };
  const messages = {
    report: (report: Report) => ({
      headers: { ...common, 'content-type': 'application/cap+xml; charset=utf-8' },
      body: encodeCap(capMessageOf(report, source)),
    }),
    pollHeaders: () => common,
  };
  return new HttpsPath(settings, sink, messages, names);
}
