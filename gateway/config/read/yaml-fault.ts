import type { YAMLError } from 'yaml';

/** What is wrong in a YAML file, for a person, and what to do. Neither text quotes the file. */
export interface FaultText {
  readonly message: string;
  readonly hint: string;
}

interface KnownFault extends FaultText {
  /** The library's own wording. */
  readonly library: RegExp;
}

const QUOTE_TEXT = 'put the text in "double quotes"';
const BEGIN = 'the YAML is not well formed';

/** The most frequent mistakes, in words for a person who does not know how YAML is read. */
const KNOWN: readonly KnownFault[] = [
  {
    library: /must (be sufficiently indented and )?end with a \]/,
    message: 'a list that begins with [ is not closed before this place',
    hint: 'put ] behind its last item; indent what stands between [ and ] further than the name before it',
  },
  {
    library: /must (be sufficiently indented and )?end with a \}/,
    message: 'a { is not closed before this place',
    hint: 'put } behind its last value; indent what stands between { and } further than the name before it',
  },
  {
    library: /^Missing closing ["']quote/,
    message: 'a quote that was opened further up is not closed',
    hint: 'close each text in quotes on the line it begins in',
  },
  {
    library: /^Tabs are not allowed/,
    message: 'this line is indented with a tab',
    hint: 'indent with spaces, never with tabs',
  },
  {
    library: /items must start at the same column/,
    message: 'this line begins in another column than the lines it belongs to',
    hint: 'line the names of one mapping, or the dashes of one list, up in one column',
  },
  {
    library: /^Nested mappings are not allowed in compact mappings/,
    message: 'a second name with a colon stands where a value should end',
    hint: 'a line that follows begins in the column of the name before it; a text with a colon in it stands in "double quotes"',
  },
  {
    library: /^Implicit map keys need to be followed by map values|^Implicit keys need to be on a single line/,
    message: 'this is no `name: value`',
    hint: 'put a colon and a space behind the name: `name: value`; a list item begins with a dash and a space',
  },
  {
    library: /^Missing , /,
    message: 'a comma is missing between two items in brackets',
    hint: 'write a comma between two items; put a text with spaces or punctuation in "double quotes"',
  },
  {
    library: /^Plain value cannot start with/,
    message: 'a text can not begin with this character unless it stands in quotes',
    hint: QUOTE_TEXT,
  },
  {
    library: /^Unresolved tag/,
    message: 'a word that begins with ! is a tag, and no tags are read',
    hint: `remove it, or ${QUOTE_TEXT}`,
  },
];

/** @param secret the text holds keys: the library's message may quote it and is not shown */
export function wordsOf({ code, message }: Pick<YAMLError, 'code' | 'message'>, secret: boolean): FaultText {
  const known = KNOWN.find(({ library }) => library.test(message));
  if (known !== undefined) return { message: `${BEGIN}: ${known.message}`, hint: known.hint };
  const said = secret ? code.toLowerCase().replaceAll('_', ' ') : quiet(message);
  return { message: `${BEGIN} here (${said})`, hint: hintFor(code) };
}

/** One short line without the text that the library quotes: it could be a key in the wrong file. */
function quiet(message: string): string {
  const line = message
    .replaceAll(/\s+/g, ' ')
    .replaceAll(/:? "(?:[^"\\]|\\.)*"/g, '')
    .replaceAll(/[0-9A-Fa-f]{24,}/g, '…');
  return line.length > 120 ? `${line.slice(0, 119)}…` : line;
}

function hintFor(code: YAMLError['code']): string {
  switch (code) {
    case 'BAD_INDENT':
      return 'line the names of one mapping up in one column';
    case 'BAD_SCALAR_START':
    case 'MISSING_CHAR':
      return `${QUOTE_TEXT}, and close every quote and bracket`;
    case 'TAG_RESOLVE_FAILED':
      return `remove the \`!tag\`, or ${QUOTE_TEXT}`;
    default:
      return 'write `name: value` lines, indented by two spaces, texts with punctuation in "double quotes"';
  }
}
