import type { FaultText } from './yaml-fault.ts';

interface LineFault extends FaultText {
  readonly offset: number;
}

/** Spaces that look like one and are none to YAML: non-breaking, narrow, wide, of no width. */
const OTHER_SPACE = /[\u00a0\u1680\u2000-\u200b\u202f\u205f\u3000\ufeff]/;
const BEGIN = 'the YAML is not well formed';

/**
 * What the lines at a fault show, where the library names only what follows from it. Quotes nothing
 * of the text, because it may hold keys.
 *
 * @param offset where the library found the fault
 */
export function causeInLines(text: string, offset: number): LineFault | undefined {
  const start = startOfLine(text, offset);
  const [before, next] = [startOfLine(text, start - 1), endOfLine(text, start) + 1];
  for (const at of [before, start, next]) {
    if (at < 0 || at >= text.length) continue;
    const fault = faultOfCharacters(text.slice(at, endOfLine(text, at)));
    if (fault !== undefined) return { ...fault, offset: at + fault.column };
  }
  return spaceMissing(text, start) ?? tooFarRight(text, start);
}

/** Indentation by a space that is none: the library takes it for a part of the name. */
export function otherIndentation(text: string): LineFault | undefined {
  const [whole = '', spaces = ''] = new RegExp(`^( *)${OTHER_SPACE.source}+[ ]*[A-Za-z-]`, 'm').exec(text) ?? [];
  return whole === '' ? undefined : { ...OTHER, offset: text.indexOf(`\n${whole}`) + 1 + spaces.length };
}

const OTHER: FaultText = {
  message: `${BEGIN}: this is no ordinary space but one that only looks like it, such as a non-breaking space`,
  hint: 'delete it and press the space bar; such spaces come along when text is copied from a web page or a document',
};

function faultOfCharacters(line: string): (FaultText & { readonly column: number }) | undefined {
  const tab = /^ *\t(?=.*\S)/.exec(line);
  if (tab !== null) {
    const message = `${BEGIN}: this line is indented with a tab`;
    return { message, hint: 'indent with spaces, never with tabs', column: tab[0].length - 1 };
  }
  const other = new RegExp(`^ *(?:- +)?(?:[\\w-]+:)?${OTHER_SPACE.source}`).exec(line);
  if (other !== null) return { ...OTHER, column: other[0].length - 1 };
  const dash = /^ *[–—−‐] /.exec(line);
  if (dash === null) return undefined;
  const message = `${BEGIN}: this line begins with a long dash`;
  return {
    message,
    hint: 'a list item begins with the hyphen of the keyboard and a space',
    column: dash[0].length - 2,
  };
}

function spaceMissing(text: string, start: number): LineFault | undefined {
  const found = /^ *(?:- +)?[A-Za-z][\w-]*:(?=[^\s/])(?!.*: )/.exec(text.slice(start, endOfLine(text, start)));
  if (found === null) return undefined;
  const message = `${BEGIN}: a space is missing behind the colon`;
  return { message, hint: 'write `name: value`', offset: start + found[0].length };
}

/** `name: value`, and below it a name that begins further to the right. */
function tooFarRight(text: string, start: number): LineFault | undefined {
  const own = /^( *(?:- +)*)[\w-]+: +[^\s'"[{|>&*!#]/.exec(text.slice(start, endOfLine(text, start)));
  const at = endOfLine(text, start) + 1;
  const below = /^( *)[\w-]+:(?: |$)/.exec(text.slice(at, endOfLine(text, at)));
  if (own === null || below === null || (below[1]?.length ?? 0) <= (own[1]?.length ?? 0)) return undefined;
  const message = `${BEGIN}: this line is indented further than the line above, which has a value already`;
  return { message, hint: 'begin it in the column of the name above', offset: at + (below[1]?.length ?? 0) };
}

function startOfLine(text: string, offset: number): number {
  return offset < 0 ? -1 : text.lastIndexOf('\n', offset - 1) + 1;
}

function endOfLine(text: string, start: number): number {
  const end = text.indexOf('\n', start);
  return end === -1 ? text.length : end;
}
