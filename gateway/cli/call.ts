import { type Command, CommanderError } from 'commander';
import { CallpointError } from '../../protocol/errors.ts';
import { failureJson, wantsJson } from './json-output.ts';
import { runProgram } from './run-command.ts';
import { jsonSafe } from './terminal-safe.ts';
import { inLocalTime, terminalLines } from './terminal-text.ts';

const EXIT_USAGE = 2;
/** What `callpoint-radio@.service` calls. It is no command for a person. */
const RADIO_PROCESS = 'radio-process';

/** Carries out a command line. Sets the exit code, and reports each error that was foreseen. */
export async function call(args: readonly string[]): Promise<void> {
  if (args[0] === RADIO_PROCESS) {
    const { runRadioProcess } = await import('../driver-makers.ts');
    return runRadioProcess();
  }
  const isJson = wantsJson(args);
  const root = args[0] === 'run' ? runProgram() : (await import('./program.ts')).program(isJson);
  if (isJson) silenceErrors(root);
  try {
    await root.parseAsync(args, { from: 'user' });
  } catch (error) {
    if (error instanceof CommanderError) {
      process.exitCode = error.exitCode === 0 ? 0 : EXIT_USAGE;
      if (isJson && error.exitCode !== 0) process.stdout.write(`${jsonSafe(failureJson('USAGE', usageText(error)))}\n`);
    } else if (error instanceof CallpointError) {
      if (isJson) process.stdout.write(`${jsonSafe(failureJson(error.code, error.message))}\n`);
      else process.stderr.write(`${terminalLines(inLocalTime(error.message), process.stderr).join('\n')}\n`);
      process.exitCode = error.code === 'USAGE' ? EXIT_USAGE : 1;
    } else throw error;
  }
}

/** With `--json` the one object on stdout holds the error, too. */
function silenceErrors(command: Command): void {
  command.configureOutput({ writeErr: () => undefined });
  for (const each of command.commands) silenceErrors(each);
}

function usageText({ code, message }: CommanderError): string {
  if (code === 'commander.help') return 'a command is missing; callpoint --help lists them';
  return message.replace(/^error: /, '');
}
