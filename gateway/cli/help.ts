import { type Command, Help } from 'commander';
import { sentence, terminalWidth, wrapped } from './terminal-text.ts';

/** A term, such as an exit code or a file, and what it means. */
type Term = readonly [term: string, meaning: string];

/** What the pages of a command say besides its arguments and options. */
export interface Prose {
  /** Paragraphs behind the description. */
  readonly about?: readonly string[];
  /** Whole command lines, each with what it does, or an empty text where the line says it. */
  readonly examples?: readonly Term[];
  /** If they mean more than usual: 0 done, 1 refused or something is wrong, 2 a wrong call. */
  readonly exitCodes?: readonly Term[];
  readonly files?: readonly Term[];
  readonly environment?: readonly Term[];
  /** Other commands, such as `drill stop`. */
  readonly seeAlso?: readonly string[];
}

/** Who may give a command to a running gateway. */
export const ACCESS = 'The gateway must be running. Only the user it runs as and root may command it.';

const PROSE = new WeakMap<Command, Prose>();

/** Adds prose to a command: for `--help`, the manual page and the web page. */
export function describeCommand(command: Command, prose: Prose): Command {
  PROSE.set(command, { ...PROSE.get(command), ...prose });
  return command;
}

/** How all commands show their help. Call it before the commands below are added. */
export function configureHelps(root: Command): void {
  root.helpOption('-h, --help', 'show this help').configureHelp({
    formatHelp: helpWithProse,
    formatItem,
    commandDescription: (command) => sentence(command.description()),
  });
}

/** Columns that a description needs beside its term. */
const BESIDE_MIN = 36;

/** On a screen as narrow as a telephone's, the description stands below its term. */
function formatItem(this: Help, term: string, termWidth: number, description: string, helper: Help): string {
  const width = helper.helpWidth ?? terminalWidth();
  if (width - termWidth >= BESIDE_MIN)
    return Help.prototype.formatItem.call(this, term, termWidth, description, helper);
  return [...wrapped(`  ${term}`, width, 4), ...wrapped(`      ${description}`, width, 6)].join('\n');
}

export function proseOf(command: Command): Prose {
  return PROSE.get(command) ?? {};
}

function helpWithProse(command: Command, helper: Help): string {
  const width = helper.helpWidth ?? terminalWidth();
  const lines = proseLines(proseOf(command), width);
  const [usage = '', ...others] = Help.prototype.formatHelp.call(helper, command, helper).split('\n');
  const before = [...wrapped(usage, width, 4), ...others].join('\n');
  return lines.length === 0 ? before : `${before}\n${lines.join('\n')}\n`;
}

/** The most important of the prose; the manual page has the rest. */
function proseLines({ about = [], examples = [], exitCodes = [] }: Prose, width: number): string[] {
  const paragraphs = about.map((text) => wrapped(text, width, 0));
  if (exitCodes.length > 0) {
    const codes = exitCodes.map(([code, meaning]) => `${code} ${meaning}`).join('; ');
    paragraphs.push(wrapped(`Exit codes: ${codes}.`, width, 0));
  }
  if (examples.length === 1) paragraphs.push(wrapped(`Example: ${examples[0]?.[0]}`, width, 4));
  if (examples.length > 1) paragraphs.push(['Examples:', ...examples.flatMap((each) => exampleLines(each, width))]);
  return paragraphs.flatMap((lines, at) => (at === 0 ? lines : ['', ...lines]));
}

function exampleLines([line, what]: Term, width: number): string[] {
  return [...wrapped(`  ${line}`, width, 6), ...(what === '' ? [] : wrapped(`      ${what}`, width, 6))];
}
