#!/usr/bin/env node
import { type Command, CommanderError } from 'commander';
import { CallpointError } from '../../protocol/errors.ts';
import { terminalLines } from '../terminal/text.ts';
import { printJson, wantsJson } from './output.ts';
import { outputEnd } from './output-end.ts';
import { program } from './program.ts';

const EXIT_USAGE = 2;

// By default SIGUSR1 opens the inspector, which exposes the process's memory and so the site's
// keys.
process.on('SIGUSR1', () => undefined);

const isJson = wantsJson(process.argv);
const root = program(outputEnd());
if (isJson) silenceErrors(root);
try {
  await root.parseAsync();
} catch (error) {
  if (error instanceof CommanderError) {
    process.exitCode = error.exitCode === 0 ? 0 : EXIT_USAGE;
    if (isJson && error.exitCode !== 0) printJson({ ok: false, code: 'USAGE', text: usageText(error) });
  } else if (error instanceof CallpointError || error instanceof RangeError) {
    // A RangeError names an argument that matches nothing in the site.
    const code = error instanceof RangeError ? 'USAGE' : error.code;
    if (isJson) printJson({ ok: false, code, text: error.message });
    else process.stderr.write(`${terminalLines(error.message, process.stderr).join('\n')}\n`);
    process.exitCode = code === 'USAGE' ? EXIT_USAGE : 1;
  } else throw error;
}

/** With `--json` the one object on stdout holds the error, too. */
function silenceErrors(command: Command): void {
  command.configureOutput({ writeErr: () => undefined });
  for (const each of command.commands) silenceErrors(each);
}

function usageText({ code, message }: CommanderError): string {
  if (code === 'commander.help') return 'a command is missing; callpoint-sim --help lists them';
  return message.replace(/^error: /, '');
}
