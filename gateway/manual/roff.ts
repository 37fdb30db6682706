import type { Block, Meant, Page } from './page.ts';

export interface Edition {
  /** `Callpoint 0.1.0` */
  readonly source: string;
  /** `2026-11-28` */
  readonly date: string;
}

const MANUALS = { 1: 'Callpoint commands', 5: 'Callpoint files' } as const;

/** The page in the macros of man(7), which groff, mandoc and man-db read alike. */
export function roffPage({ name, section, about, parts }: Page, { source, date }: Edition): string {
  const head = `${quoted(name.toUpperCase())} ${section} ${date} ${quoted(source)} ${quoted(MANUALS[section])}`;
  const lines = [
    `.TH ${head}`,
    '.SH NAME',
    `${typed(name)} \\- ${escaped(about.replace(/\.$/, ''))}`,
    ...parts.flatMap((each) => [
      `${each.level === 1 ? '.SH' : '.SS'} ${quoted(each.title)}`,
      ...each.blocks.flatMap((block, at) => blockLines(block, at === 0)),
    ]),
  ];
  return `${lines.join('\n')}\n`;
}

/** @param isFirst the macros forbid an empty paragraph behind a heading */
function blockLines(block: Block, isFirst: boolean): string[] {
  switch (block.kind) {
    case 'text':
      return [...(isFirst ? [] : ['.PP']), line(block.text)];
    case 'lines':
      return [...(isFirst ? [] : ['.PP']), '.nf', ...block.lines.map((each) => line(each, true)), '.fi'];
    case 'terms':
      return block.terms.flatMap(termLines);
  }
}

function termLines({ term, meaning: [first = '', ...more] }: Meant): string[] {
  return ['.TP', `\\fB${typed(term)}\\fR`, line(first), ...more.flatMap((each) => ['.br', line(each)])];
}

/** A line that begins with a dot or an apostrophe would be a request. */
function line(words: string, isTyped = false): string {
  const safe = isTyped ? typed(words) : escaped(words);
  return /^[.']/.test(safe) ? `\\&${safe}` : safe;
}

/** What is typed: its hyphens must be copied as they are. */
function typed(words: string): string {
  return escapedCharacters(words).replaceAll('-', '\\-');
}

/** Options within a text are typed, too. */
function escaped(words: string): string {
  return escapedCharacters(words).replaceAll(
    /(^|[\s([])(--?[a-z][a-z-]*)/g,
    (_all, before: string, option: string) => before + option.replaceAll('-', '\\-'),
  );
}

function escapedCharacters(words: string): string {
  return words.replaceAll('\\', '\\e').replaceAll(/[^\x20-\x7e]/gu, (character) => `\\[u${codeOf(character)}]`);
}

function codeOf(character: string): string {
  return (character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0');
}

/** An argument of a macro. */
function quoted(words: string): string {
  return `"${typed(words).replaceAll('"', '\\(dq')}"`;
}
