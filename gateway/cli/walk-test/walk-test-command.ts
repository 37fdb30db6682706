import type { Command } from 'commander';
import { InvalidArgumentError } from 'commander';
import { SCOPE_FORMS } from '../../../protocol/drill-scope.ts';
import { isId } from '../../../protocol/gateway-command.ts';
import { testerFault } from '../../../protocol/read-walk-test.ts';
import { WALK_TEST_MINUTES } from '../../../protocol/walk-test-command.ts';
import { describeCommand } from '../help.ts';
import type { JsonFlag } from '../json-output.ts';
import { commandFor, minutesWithin, range, reasonText, scopeText } from '../operator-commands.ts';
import { person } from '../person.ts';
import type { SiteOptions } from '../site-options.ts';
import { addWalkTestReport } from './report-command.ts';

type Print = (line: string) => void;

const IN_SHORT =
  'While it runs, a single press within its scope is a test: the receivers get it as a test, its text begins with TEST, and it closes itself. A press is real if it is held, is repeated within 3 s, comes from outside the scope, or may be older than the walk test (walkTest: in site.yaml has the limits).';

interface StartOptions extends SiteOptions, JsonFlag {
  readonly scope: string;
  readonly minutes: number;
  readonly tester: string;
  readonly reason: string;
  readonly watch?: boolean;
}

/** Walk tests: press every button, move every door, look at every output, and see it ticked. */
export function addWalkTestCommands(root: Command, out: Print): void {
  const walkTest = describeCommand(root.command('walk-test'), { about: [IN_SHORT] }).description(
    'prove every button, door and output: what is pressed is ticked with its signal and its paths',
  );
  addStart(walkTest, out);
  addStatus(walkTest, out);
  addTick(walkTest, out);
  addStop(walkTest, out);
  addWalkTestReport(walkTest, out);
}

function addStart(walkTest: Command, out: Print): void {
  const { usual } = WALK_TEST_MINUTES;
  commandFor(walkTest, 'start', {
    about: [IN_SHORT, 'Tell the monitoring centre before you start one.'],
    examples: [['callpoint walk-test start --scope building:A --tester "Maria Lopez" --watch', '']],
    seeAlso: ['walk-test status', 'walk-test stop', 'walk-test report'],
  })
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
    .action(async (options: StartOptions) => {
      const { startWalkTest } = await import('./walk-test.ts');
      process.exitCode = await startWalkTest(options, person(), out);
    });
}

function addStatus(walkTest: Command, out: Print): void {
  commandFor(walkTest, 'status', {
    about: ['[x] tested, [~] something is still awaited, [ ] not tested.'],
    exitCodes: [
      ['0', 'everything is tested'],
      ['1', 'something is not, or no gateway answers'],
      ['2', 'called with arguments that do not fit'],
    ],
    examples: [['callpoint walk-test status --watch', '']],
    seeAlso: ['walk-test start', 'walk-test report'],
  })
    .description('show what is tested and what is left, by building, floor and room')
    .option('--watch', 'live: the last press large, then what is left, until Ctrl-C')
    .action(async (options: SiteOptions & JsonFlag & { watch?: boolean }) => {
      const { showWalkTest } = await import('./walk-test.ts');
      process.exitCode = await showWalkTest(options, out);
    });
}

function addTick(walkTest: Command, out: Print): void {
  commandFor(walkTest, 'tick', {
    examples: [['callpoint walk-test tick trouble-relay', '']],
    seeAlso: ['walk-test status'],
  })
    .description('test an output: the gateway switches it on for 5 s, then you confirm that it worked')
    .argument('<output>', "the output's id in the configuration", outputId)
    .option('--seen', 'you have seen or heard it: tick it without switching it on')
    .option('--yes', 'do not ask before an output locks doors')
    .action(async (output: string, options: SiteOptions & JsonFlag & { seen?: boolean; yes?: boolean }) => {
      const { tickOutput } = await import('./walk-test.ts');
      process.exitCode = await tickOutput(output, options, person(), out);
    });
}

function addStop(walkTest: Command, out: Print): void {
  commandFor(walkTest, 'stop', {
    examples: [['callpoint walk-test stop', '']],
    seeAlso: ['walk-test start', 'walk-test report'],
  })
    .description('end the walk test now: every press is real again')
    .option('--reason <text>', 'why, for the journal and the receivers', reasonText, 'walk test over')
    .action(async (options: SiteOptions & JsonFlag & { reason: string }) => {
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
