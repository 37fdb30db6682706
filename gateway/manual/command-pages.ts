import type { Argument, Command, Option } from 'commander';
import { type Prose, proseOf } from '../cli/help.ts';
import { sentence } from '../cli/terminal-text.ts';
import { type Block, type Meant, type Page, part, terms, text } from './page.ts';

const EXIT_CODES = [
  ['0', 'done'],
  ['1', 'refused, or something is wrong; the text says what to do next'],
  ['2', 'called with arguments that do not fit'],
] as const;

const SITE_FILES = [
  ['site.yaml', 'the configuration, see site.yaml(5); --config names another file'],
  ['keys.yaml', 'the secret keys, beside it; only their owner may read it'],
  ['data/', 'journal, locks and control socket, beside it; --data names another directory'],
] as const;

const COLOURS = [
  ['NO_COLOR', 'if set, nothing is coloured'],
  ['FORCE_COLOR', 'if set, colours are used although the output is no terminal'],
] as const;

interface Program {
  readonly root: Command;
  /** Its man page is beside those of its commands, as of `callpoint`, or has them all. */
  readonly onePage: boolean;
}

/** A page for the program, and one for each of its commands. */
export function commandPages({ root, onePage }: Program): Page[] {
  const commands = everyCommand(root);
  if (onePage) return [programPage(root, commands.slice(1))];
  return commands.map((command) => (command === root ? programPage(root, []) : commandPage(command)));
}

/** The program and its commands, each before those below it; without commander's own `help`. */
export function everyCommand(command: Command): Command[] {
  return [command, ...command.commands.flatMap(everyCommand)];
}

/** `callpoint drill start` */
export function wordsOf(command: Command): string {
  return command.parent === null ? command.name() : `${wordsOf(command.parent)} ${command.name()}`;
}

export function pageName(command: Command): string {
  return wordsOf(command).replaceAll(' ', '-');
}

function programPage(root: Command, described: readonly Command[]): Page {
  const listed = described.length > 0 ? [] : everyCommand(root).slice(1);
  const leaves = listed.filter(({ commands }) => commands.length === 0);
  return {
    name: pageName(root),
    section: 1,
    about: root.description(),
    parts: [
      ...part('SYNOPSIS', [{ kind: 'lines', lines: [`${root.name()} COMMAND [OPTION]...`] }]),
      ...part('DESCRIPTION', descriptionOf(root)),
      ...part('OPTIONS', [terms(optionTerms(root))]),
      ...part('COMMANDS', [
        terms(leaves.map((each) => ({ term: wordsOf(each), meaning: [sentence(each.description())] }))),
      ]),
      ...described.flatMap((each) => part(wordsOf(each), partsInOne(each), 2)),
      ...common(root),
    ],
  };
}

function partsInOne(command: Command): Block[] {
  return [
    { kind: 'lines', lines: [synopsis(command)] },
    ...descriptionOf(command),
    terms([...argumentTerms(command), ...optionTerms(command)]),
  ];
}

function commandPage(command: Command): Page {
  const below = command.commands.map((each) => ({ term: wordsOf(each), meaning: [sentence(each.description())] }));
  return {
    name: pageName(command),
    section: 1,
    about: command.description(),
    parts: [
      ...part('SYNOPSIS', [{ kind: 'lines', lines: [synopsis(command)] }]),
      ...part('DESCRIPTION', descriptionOf(command)),
      ...part('COMMANDS', [terms(below)]),
      ...part('ARGUMENTS', [terms(argumentTerms(command))]),
      ...part('OPTIONS', [terms(optionTerms(command))]),
      ...common(command),
    ],
  };
}

/** The parts that end a page, in the order of man-pages(7). */
function common(command: Command): Page['parts'] {
  const { exitCodes = EXIT_CODES, files = [], environment = [], examples = [] } = proseOf(command);
  const needsSite = command.options.some(({ long }) => long === '--config');
  return [
    ...part('EXIT STATUS', [terms(pairs(exitCodes))]),
    ...part('ENVIRONMENT', [terms(pairs([...environment, ...COLOURS]))]),
    ...part('FILES', [terms(pairs([...files, ...(needsSite ? SITE_FILES : [])]))]),
    ...part('EXAMPLES', examples.flatMap(exampleBlocks)),
    ...part('SEE ALSO', [text(seeAlso(command, proseOf(command)))]),
  ];
}

function pairs(all: NonNullable<Prose['exitCodes']>): Meant[] {
  return all.map(([term, meaning]) => ({ term, meaning: [sentence(meaning)] }));
}

function exampleBlocks([line, what]: NonNullable<Prose['examples']>[number]): Block[] {
  return [...(what === '' ? [] : [text(sentence(what))]), { kind: 'lines', lines: [line] }];
}

function seeAlso(command: Command, { seeAlso: named = [] }: Prose): string {
  let root = command;
  while (root.parent !== null) root = root.parent;
  const own = named.map((words) => `${root.name()}-${words.replaceAll(' ', '-')}(1)`);
  const around = command.parent === null ? [] : [`${pageName(command.parent)}(1)`];
  const below = command.commands.map((each) => `${pageName(each)}(1)`);
  return [...new Set([...around, ...(command.parent === null ? [] : below), ...own, 'site.yaml(5)'])].join(', ');
}

function descriptionOf(command: Command): Block[] {
  const { about = [] } = proseOf(command);
  return [text(sentence(command.description())), ...about.map(text), ...notes(command)];
}

/** What a command adds to its help by `addHelpText`. */
function notes(command: Command): Block[] {
  let written = '';
  const own = command.configureOutput();
  command.configureOutput({ writeOut: (words) => (written += words), getOutHasColors: () => false });
  command.outputHelp();
  command.configureOutput(own);
  const added = written.slice(command.helpInformation().length);
  return added
    .split(/\n\s*\n/)
    .filter((paragraph) => paragraph.trim() !== '')
    .map(paragraphBlock);
}

/** Lines that begin with a blank are shown as they are. */
function paragraphBlock(paragraph: string): Block {
  const lines = paragraph.split('\n').filter((line) => line.trim() !== '');
  if (lines.some((line) => /^\s/.test(line))) return { kind: 'lines', lines };
  return text(lines.join(' '));
}

function synopsis(command: Command): string {
  const required = command.options.filter(({ mandatory }) => mandatory).map(({ flags }) => longFlags(flags));
  const others = command.options.length > required.length ? ['[OPTION]...'] : [];
  const below = command.commands.length > 0 ? ['COMMAND'] : [];
  const words = [...required, ...others, ...below, ...command.registeredArguments.map(argumentName)];
  return [wordsOf(command), ...words].join(' ');
}

/** `-c, --config <file>` becomes `--config <file>`. */
function longFlags(flags: string): string {
  return flags.replace(/^-\w, /, '');
}

function argumentName(argument: Argument): string {
  const name = `${argument.name()}${argument.variadic ? '...' : ''}`;
  return argument.required ? `<${name}>` : `[${name}]`;
}

function argumentTerms(command: Command): Meant[] {
  return command.registeredArguments.map((argument) => ({
    term: argumentName(argument),
    meaning: meaningOf(argument.description, argument),
  }));
}

function optionTerms(command: Command): Meant[] {
  const own = command.options.filter(({ hidden }) => !hidden);
  const shown = own.map((option) => ({ term: option.flags, meaning: meaningOf(option.description, option) }));
  return [...shown, { term: '-h, --help', meaning: ['Show the short form of this page.'] }];
}

type Described = Pick<Option | Argument, 'argChoices' | 'defaultValue' | 'defaultValueDescription'>;

function meaningOf(description: string, { argChoices, defaultValue, defaultValueDescription }: Described) {
  const choices = argChoices === undefined ? [] : [`One of: ${argChoices.join(', ')}.`];
  const usual =
    defaultValue === undefined || defaultValue === true
      ? []
      : [`Default: ${defaultValueDescription ?? String(defaultValue)}.`];
  return [...(description === '' ? [] : [sentence(description)]), [...choices, ...usual].join(' ')].filter(
    (each) => each !== '',
  );
}
