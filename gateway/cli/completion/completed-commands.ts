import type { Command, Option } from 'commander';

/** What may stand behind an option or a command: one of these words, a file, or free text. */
type Values = readonly string[] | 'file' | 'text';

interface CompletedOption {
  readonly long: string;
  readonly short?: string;
  readonly about: string;
  /** Absent: it takes none. */
  readonly values?: Values;
}

export interface CompletedCommand {
  /** `drill start`; empty for the program itself. */
  readonly words: string;
  readonly commands: readonly { readonly name: string; readonly about: string }[];
  readonly options: readonly CompletedOption[];
  readonly argument?: Values;
}

const FILES = /<(?:file|dir|answers|port|site)(?:\.\.\.)?>|\[(?:file|dir)(?:\.\.\.)?\]/;
const HELP: CompletedOption = { long: '--help', short: '-h', about: 'show this help' };

/** The commands of a program, each with what may follow it, for the scripts of the shells. */
export function completedCommands(root: Command): CompletedCommand[] {
  return everyCommand(root, []);
}

function everyCommand(command: Command, words: readonly string[]): CompletedCommand[] {
  const { commands, options, registeredArguments } = command;
  const [first] = registeredArguments;
  const argument = isOfCommands(words) ? topNames(command) : first && valuesOf(`<${first.name()}>`, first.argChoices);
  return [
    {
      words: words.join(' '),
      commands: commands.map((each) => ({ name: each.name(), about: each.description() })),
      options: [...options.filter(({ hidden }) => !hidden).map(completed), HELP],
      ...(argument === undefined ? {} : { argument }),
    },
    ...commands.flatMap((each) => everyCommand(each, [...words, each.name()])),
  ];
}

/** `help` and `manual` are followed by the name of a command. */
function isOfCommands([first = '']: readonly string[]): boolean {
  return first === 'help' || first === 'manual';
}

function topNames({ parent }: Command): readonly string[] {
  return (parent?.commands ?? []).map((each) => each.name());
}

function completed({ long, short, flags, description, required, optional, argChoices }: Option): CompletedOption {
  return {
    long: long ?? flags,
    ...(short === undefined ? {} : { short }),
    about: description,
    ...(required || optional ? { values: valuesOf(flags, argChoices) } : {}),
  };
}

function valuesOf(written: string, choices: readonly string[] | undefined): Values {
  if (choices !== undefined) return choices;
  return FILES.test(written) ? 'file' : 'text';
}

/** A text that a POSIX shell, zsh or fish takes as it is. */
export function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
