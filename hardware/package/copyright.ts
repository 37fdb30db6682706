/** A package inside ours, as debian/copyright has to name it. */
export interface Included {
  /** Of its files, as installed: `usr/lib/callpoint/release/node_modules/zod/*`. */
  readonly files: string;
  readonly name: string;
  readonly version: string;
  /** SPDX, from its package.json. */
  readonly license: string;
  readonly author: string;
  readonly source: string;
  /** Of its licence file; empty if it has none. */
  readonly text: string;
}

/** Names that DEP-5 gives to licences which SPDX calls otherwise. */
const SHORT_NAMES: ReadonlyMap<string, string> = new Map([
  ['MIT', 'Expat'],
  ['0BSD', '0BSD'],
  ['Unlicense', 'Unlicense'],
]);

/** Debian has the text of these in /usr/share/common-licenses, and policy 12.5 wants no copy. */
const COMMON: ReadonlySet<string> = new Set(['Apache-2.0', 'MPL-2.0', 'Artistic-2.0']);

/**
 * The text of debian/copyright in machine-readable form (DEP-5, version 1.0). Each package keeps
 * its own words: one licence is worded in many ways, and each wants to be passed on as it is.
 */
export function copyrightText(name: string, source: string, included: readonly Included[]): string {
  const header = [
    'Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/',
    `Upstream-Name: ${name}`,
    `Source: ${source}`,
  ].join('\n');
  return `${[header, ...included.map(stanza)].join('\n\n')}\n`;
}

function stanza({ files, name, version, license, author, source, text }: Included): string {
  const shortName = shortNameOf(license);
  const holders = copyrightLines(text);
  const common = COMMON.has(license);
  const terms = common ? `On Debian, the full text is in /usr/share/common-licenses/${license}.` : text.trim();
  return [
    `Files: ${files}`,
    `Copyright: ${(holders.length > 0 ? holders : [author || `the authors of ${name}`]).join('\n           ')}`,
    `License: ${shortName}`,
    ...indented(terms || `${name} names its licence, ${license}, and has no text of it.`),
    `Comment: ${name} ${version}${source === '' ? '' : `, ${source}`}`,
  ].join('\n');
}

/** One word, as DEP-5 wants it: `(MIT AND Zlib)` is `Expat and Zlib`. */
export function shortNameOf(license: string): string {
  const words = license.replaceAll(/[()]/g, '').split(/\s+/);
  return words
    .map((word) => SHORT_NAMES.get(word) ?? (/^(?:AND|OR)$/.test(word) ? word.toLowerCase() : word))
    .join(' ');
}

/** The lines of a licence that say whose it is, without the word itself. */
export function copyrightLines(text: string): string[] {
  return text.split('\n').flatMap((line) => {
    const holder = /^\W*copyright\b[\s:,]*(?:\(c\)|©)?[\s:,]*(.*\d{4}.*)$/i.exec(line.trim())?.[1]?.trim();
    return holder === undefined || holder === '' ? [] : [holder.replace(/\s*\*+\/?$/, '')];
  });
}

function indented(text: string): string[] {
  return text.split('\n').map((line) => (line.trim() === '' ? ' .' : ` ${line.trimEnd().replaceAll('\t', '    ')}`));
}
