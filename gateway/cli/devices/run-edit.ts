import { CallpointError } from '../../../protocol/errors.ts';
import type { KeyChange } from '../../config/edit/key-edits.ts';
import { type EditOutcome, SiteEdit } from '../../config/edit/site-edit.ts';
import { formatMistake } from '../../config/read/mistake.ts';
import { type JsonFlag, jsonText } from '../json-output.ts';
import { type Questions, terminalQuestions } from '../questions.ts';
import { dataDirectory, type SiteOptions } from '../site-options.ts';
import { coloured, terminalWidth, wrapped } from '../terminal-text.ts';
import type { Step } from './next-steps.ts';

export interface EditOptions extends SiteOptions, JsonFlag {
  readonly dryRun?: boolean;
  readonly yes?: boolean;
}

/** What a command did to the edit, for the person who gave it. */
export interface Change {
  /** One line for each thing that changes. */
  readonly what: readonly string[];
  /** Steps for the person, in order. */
  readonly next: readonly Step[];
  /** Asked before something is lost that can't be made again. */
  readonly confirm?: string;
  /** Further fields of the JSON answer. */
  readonly more?: Readonly<Record<string, unknown>>;
  /** True if secrets are shown: only where that was asked for. */
  readonly secrets?: readonly string[];
}

export interface EditIo {
  out(line: string): void;
  readonly questions: Questions | undefined;
}

export function terminalIo(out: (line: string) => void, { json, yes }: EditOptions): EditIo {
  return { out, questions: json === true || yes === true ? undefined : terminalQuestions() };
}

/**
 * Opens the site, lets `change` edit it, shows what changes, and writes it.
 *
 * @throws CallpointError if it was refused
 */
export async function runEdit(
  options: EditOptions,
  io: EditIo,
  change: (edit: SiteEdit) => Promise<Change> | Change,
): Promise<void> {
  const data = dataDirectory(options);
  const edit =
    options.dryRun === true ? SiteEdit.read(options.config, data) : await SiteEdit.open(options.config, data);
  const done = await change(edit);
  const outcome = edit.outcome();
  const changed = outcome.diff.length > 0 || outcome.keys.length > 0;
  const isDry = options.dryRun === true;
  if (options.json !== true) for (const line of changeLines(done, outcome, changed)) io.out(line);
  if (changed && !isDry) {
    await confirmed(done, options, io);
    await edit.save();
  }
  if (options.json === true) io.out(jsonText(document(done, outcome, changed && !isDry, options)));
  else for (const line of endLines(done, changed, options)) io.out(line);
}

async function confirmed({ confirm }: Change, { yes }: EditOptions, { questions }: EditIo): Promise<void> {
  if (confirm === undefined || yes === true) return;
  if (questions === undefined) {
    throw new CallpointError('EDIT_REFUSED', `${confirm} Nothing was changed. Add --yes to do it without a question.`);
  }
  if (!(await questions.confirm(confirm))) throw new CallpointError('EDIT_REFUSED', 'Nothing was changed.');
}

function changeLines({ what }: Change, { diff, keys, warnings }: EditOutcome, changed: boolean): string[] {
  const width = terminalWidth();
  const head = what.flatMap((line) => wrapped(line, width, 2));
  if (!changed) return head;
  const site = diff.length === 0 ? [] : ['', coloured('bold', 'site.yaml'), ...diff.map(painted)];
  const secrets = keys.length === 0 ? [] : ['', coloured('bold', 'keys.yaml'), ...keys.map(keyLine)];
  return [...head, ...site, ...secrets, ...warnings.map((warning) => formatMistake(warning))];
}

function endLines({ next, secrets = [] }: Change, changed: boolean, options: EditOptions): string[] {
  if (options.dryRun === true) return ['', 'Dry run: nothing was written.'];
  const width = terminalWidth();
  const steps = next.flatMap((step, at) => wrapped(`  ${at + 1}. ${stepText(step, options)}`, width, 5));
  const saved = changed ? ['', 'Written.'] : ['Nothing had to be changed.'];
  return [...saved, ...secrets, ...(steps.length === 0 ? [] : ['Next:', ...steps])];
}

function stepText({ command, text }: Step, { config, data }: SiteOptions): string {
  if (command === undefined) return text;
  const named = config === 'site.yaml' ? '' : ` --config ${config}`;
  return `${command}${named}${data === undefined ? '' : ` --data ${data}`}: ${text}`;
}

function painted(line: string): string {
  if (line.startsWith('+')) return coloured('green', line);
  if (line.startsWith('-')) return coloured('red', line);
  return coloured('dim', line);
}

const SIGN = { added: '+', changed: '~', removed: '-', renamed: '~' } as const;

function keyLine({ section, name, what, from }: KeyChange): string {
  const text = `${SIGN[what]} ${section}: ${name}: ${what}${from === undefined ? '' : `, was ${from}`}`;
  return painted(`${text} (the secret is not shown)`);
}

function document(
  { what, next, more }: Change,
  { diff, keys, warnings }: EditOutcome,
  written: boolean,
  options: SiteOptions,
) {
  const steps = next.map((step) => stepText(step, options));
  return { ok: true, written, what, diff, keys, warnings, next: steps, ...more };
}
