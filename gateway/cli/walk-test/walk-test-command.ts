import type { Command } from 'commander';
import { InvalidArgumentError } from 'commander';
import { SCOPE_FORMS } from '../../../protocol/drill-scope.ts';
import { isId } from '../../../protocol/gateway-command.ts';
import { testerFault } from '../../../protocol/read-walk-test.ts';
import { WALK_TEST_MINUTES } from '../../../protocol/walk-test-command.ts';
import { minutesWithin, range, reasonText, scopeText } from '../operator-commands.ts';
import { person } from '../person.ts';
import { type SiteOptions, siteOptions } from '../site-options.ts';
import { addWalkTestReport } from './report-command.ts';

type Print = (line: string) => void;

const IN_SHORT = `
While it runs, a single press within its scope is a test: the receivers get it
as a test, its text begins with TEST, and it closes itself. A press is real if
it is held, is repeated within 3 s, comes from outside the scope, or may be
older than the walk test (walkTest: in site.yaml has the limits).`;
const ACCESS = '\nThe gateway must be running. Only the user it runs as and root may command it.';

interface StartOptions extends SiteOptions {
  readonly scope: string;
  readonly minutes: number;
  readonly tester: string;
  readonly reason: string;
  readonly json?: boolean;
  readonly watch?: boolean;
}

/** Walk tests: press every button, move every door, look at every output, and see it ticked. */
export function addWalkTestCommands(root: Command, out: Print): void {
  const walkTest = root
    .command('walk-test')
    .description('prove every button, door and output: what is pressed is ticked with its signal and its paths')
    .addHelpText('after', IN_SHORT);
  addStart(walkTest, out);
  addStatus(walkTest, out);
  addTick(walkTest, out);
  addStop(walkTest, out);
  addWalkTestReport(walkTest, out);
}

function addStart(walkTest: Command, out: Print): void {
  const { usual } = WALK_TEST_MINUTES;
  siteOptions(walkTest.command('start'))
    .description('start a walk test; the same scope again gives the one that runs a new end')
    .requiredOption('--scope <scope>', `required: ${SCOPE_FORMS}`, scopeText)
    .option(
      '--minutes <n>',
      `minutes until it ends, ${range(WALK_TEST_MINUTES)}`,
      minutesWithin(WALK_TEST_MINUTES),
      usual,
    )
    .option('--tester <name>', 'who walks and presses (default: you)', testerName, person())
    .option('--reason <text>', 'why, for the journal and the receivers', reasonText, 'walk test')
    .option('--watch', 'stay and show the live screen; Ctrl-C leaves the walk test running')
    .option('--json', 'one JSON object on stdout')
    .addHelpText('after', `${IN_SHORT}\n\nTell the monitoring centre before you start one.`)
    .addHelpText('after', '\nExample: callpoint walk-test start --scope building:A --tester "Maria Lopez" --watch')
    .addHelpText('after', ACCESS)
    .action(async (options: StartOptions) => {
      const { startWalkTest } = await import('./walk-test.ts');
      process.exitCode = await startWalkTest(options, person(), out);
    });
}

function addStatus(walkTest: Command, out: Print): void {
  siteOptions(walkTest.command('status'))
    .description('show what is tested and what is left, by building, floor and room')
    .option('--json', 'one JSON object on stdout')
    .option('--watch', 'live: the last press large, then what is left, until Ctrl-C')
    .addHelpText(
      'after',
      '\n[x] tested, [~] something is still awaited, [ ] not tested.\n' +
        'Exit codes: 0 all is tested; 1 something is not, or no gateway answers.',
    )
    .addHelpText('after', ACCESS)
    .action(async (options: SiteOptions & { json?: boolean; watch?: boolean }) => {
      const { showWalkTest } = await import('./walk-test.ts');
      process.exitCode = await showWalkTest(options, out);
    });
}

function addTick(walkTest: Command, out: Print): void {
  siteOptions(walkTest.command('tick'))
    .description('test an output: the gateway switches it on for 5 s, then you confirm that it worked')
    .argument('<output>', "the output's id in the configuration", outputId)
    .option('--seen', 'you have seen or heard it: tick it without switching it on')
    .option('--yes', 'do not ask before an output locks doors')
    .option('--json', 'one JSON object on stdout')
    .addHelpText('after', '\nExample: callpoint walk-test tick trouble-relay')
    .addHelpText('after', ACCESS)
    .action(async (output: string, options: SiteOptions & { seen?: boolean; yes?: boolean; json?: boolean }) => {
      const { tickOutput } = await import('./walk-test.ts');
      process.exitCode = await tickOutput(output, options, person(), out);
    });
}

function addStop(walkTest: Command, out: Print): void {
  siteOptions(walkTest.command('stop'))
    .description('end the walk test now: every press is real again')
    .option('--reason <text>', 'why, for the journal and the receivers', reasonText, 'walk test over')
    .option('--json', 'one JSON object on stdout')
    .addHelpText('after', '\nExample: callpoint walk-test stop')
    .addHelpText('after', ACCESS)
    .action(async (options: SiteOptions & { reason: string; json?: boolean }) => {
      const { stopWalkTest } = await import('./walk-test.ts');
      process.exitCode = await stopWalkTest(options, person(), out);
    });
}

function testerName(text: string): string {
  const fault = testerFault(text);
  if (fault === undefined) return text;
  throw new InvalidArgumentError(`It ${fault}.`);
}

function outputId(text: string): string {
  if (isId(text)) return text;
  throw new InvalidArgumentError('It must be the id of an output, as in site.yaml.');
}
