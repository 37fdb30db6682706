import { CallpointError } from '../../../protocol/errors.ts';
import type { WalkTestReport } from '../../../protocol/walk-test-report.ts';
import { isoTime } from '../../../protocol/wall-time.ts';
import { LocalTimes } from '../../after-action/local-times.ts';
import { WalkTestHistory } from '../../after-action/walk-test-history.ts';
import { walkTestPrintout } from '../../after-action/walk-test-printout.ts';
import { readSite, readSiteWithoutKeys } from '../../config/load.ts';
import { LatinSpelling } from '../../core/latin.ts';
import type { Site } from '../../core/site.ts';
import { person } from '../person.ts';
import { fileTime, fileWord } from '../report/file-name.ts';
import type { OutputOptions } from '../report/output-options.ts';
import { provenPart, readVerified, verifiedJournal } from '../report/verified-journal.ts';
import { writeReport } from '../report/write-report.ts';
import { callpointVersion } from '../version.ts';

interface WalkTestOrder {
  /** Absent: the newest. */
  readonly id?: string;
  readonly config: string;
  readonly data: string;
  /** Every directory that may hold a part of the journal. */
  readonly directories: readonly string[];
  readonly output: OutputOptions;
}

/** @throws CallpointError JOURNAL_UNREADABLE, JOURNAL_NOT_PROVEN, REPORT_REFUSED */
export async function writeWalkTest(order: WalkTestOrder, out: (line: string) => void): Promise<void> {
  const site = siteOf(order);
  const madeAt = new Date();
  const document = await walkTestReport(order, site, madeAt);
  const latin = new LatinSpelling(site.latin ?? new Map());
  const { started_at = document.made_at, scope } = document.walk_test;
  const report = {
    document,
    printout: () => walkTestPrintout(document, new LocalTimes()),
    name: `${fileTime(started_at)}-walk-test-${fileWord(scope)}`,
    madeAt,
    spell: (text: string) => latin.text(text),
  };
  await writeReport(report, order.output, out);
}

/** With its keys where they can be read: they show which devices were replaced. */
function siteOf({ config, data }: WalkTestOrder): Site {
  const site = readSite(config, data).settings?.site ?? readSiteWithoutKeys(config);
  if (site !== undefined) return site;
  const what = `${config} could not be read, so it is not known what was to be tested`;
  throw new CallpointError(
    'REPORT_REFUSED',
    `${what}. Name the site with --config; callpoint check finds mistakes in it.`,
  );
}

async function walkTestReport({ id, directories }: WalkTestOrder, site: Site, madeAt: Date): Promise<WalkTestReport> {
  const verified = await verifiedJournal(directories);
  const history = readVerified(verified, directories, (records) => {
    const collected = new WalkTestHistory();
    for (const record of records) collected.add(record);
    return collected;
  });
  const walkTest = history.document(site, id);
  if (walkTest === undefined) refuseUnknown(id);
  return {
    document: 'walk_test_report',
    gateway: site.gateway,
    site: site.name,
    version: callpointVersion(),
    made_at: isoTime(madeAt.getTime()),
    made_by: person(),
    journal: provenPart(verified),
    walk_test: walkTest,
  };
}

function refuseUnknown(id: string | undefined): never {
  const what = id === undefined ? 'The journal has no walk test' : `The journal has no walk test ${id}`;
  throw new CallpointError('REPORT_REFUSED', `${what}. callpoint walk-test start begins one.`);
}
