import { join } from 'node:path';
import { type Command, Option } from 'commander';
import { describeCommand, type Prose } from '../help.ts';
import { type OutputOptions, outputOptions } from '../report/output-options.ts';
import { dataDirectory, type SiteOptions, siteOptions } from '../site-options.ts';

interface WalkTestReportOptions extends SiteOptions, OutputOptions {
  readonly journal?: readonly string[];
}

const PROSE: Prose = {
  about: [
    'It begins with what was not tested. The journal is verified first, and nothing is reported from one that does ' +
      'not verify. The gateway may be running.',
  ],
  examples: [
    ['callpoint walk-test report', 'a PDF of the newest walk test, to print and sign'],
    ['callpoint walk-test report --out walk-test.html', ''],
  ],
  exitCodes: [
    ['0', 'written'],
    ['1', 'the journal does not verify, it has no walk test, or the file could not be written'],
  ],
  seeAlso: ['report', 'verify'],
};

/** The printed report of a walk test. */
export function addWalkTestReport(walkTest: Command, out: (line: string) => void): void {
  const report = describeCommand(siteOptions(walkTest.command('report')), PROSE)
    .description('write the report of a walk test, to print and sign')
    .argument('[id]', 'id of the walk test (default: the newest)')
    .option('--journal <dir...>', 'a copy of the journal (default: the journal of the site)');
  outputOptions(report)
    .addOption(new Option('--paper <size>', 'size of the pages of a PDF').choices(['letter', 'a4']).default('letter'))
    .action(async (id: string | undefined, options: WalkTestReportOptions) => {
      const { writeWalkTest } = await import('./walk-test-report.ts');
      const { readJournalDirectories } = await import('../../config/load.ts');
      const data = dataDirectory(options);
      const { config, journal = readJournalDirectories(config, data) ?? [join(data, 'journal')] } = options;
      const which = id === undefined ? {} : { id };
      await writeWalkTest({ ...which, config, data, directories: journal, output: options }, out);
    });
}
