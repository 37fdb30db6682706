import { styleText } from 'node:util';

/** One line of the log for a person, or as JSON for programs. */
export type LogFormat = 'pretty' | 'json';

type Colour = 'red' | 'yellow' | 'green' | 'dim' | 'bold';

const COLOURS: Readonly<Record<string, Colour>> = {
  fatal: 'red',
  error: 'red',
  warn: 'yellow',
  info: 'green',
};
const LEVEL_WIDTH = 5;

/**
 * What acts on a terminal or shows nothing. A far end, a device or a broker's client chooses a part
 * of these texts: it must not be able to move the cursor or turn the direction of the line.
 */
const INVISIBLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu;
/** Needs no quotes to be told from the next field. */
const BARE = /^[^\s"'=]+$/;

/**
 * A JSON line of the log as a person reads it: local time, level, event, the text that is meant for
 * a person, then the other fields in their order. Anything else stays as it is.
 */
export function logText(line: string, colours: boolean): string {
  const fields = fieldsOf(line);
  if (fields === undefined) return line;
  const { time, level, event, text, ...others } = fields;
  const paint = (colour: Colour | undefined, written: string) =>
    colours && colour !== undefined ? styleText(colour, written, { validateStream: false }) : written;
  const stacks: string[] = [];
  const parts = [paint('dim', localTime(time)), levelText(level, paint), paint('bold', visible(String(event)))];
  if (text !== undefined) parts.push(lines(String(text), stacks));
  for (const [name, value] of Object.entries(others)) {
    const written = valueText(value);
    if (written.includes('\n')) parts.push(`${paint('dim', `${visible(name)}:`)} ${lines(written, stacks)}`);
    else parts.push(`${paint('dim', `${visible(name)}=`)}${BARE.test(written) ? visible(written) : quoted(written)}`);
  }
  return `${parts.join(' ')}\n${stacks.join('')}`;
}

function levelText(level: unknown, paint: (colour: Colour | undefined, text: string) => string): string {
  const name = String(level);
  return paint(COLOURS[name], visible(name).toUpperCase().padEnd(LEVEL_WIDTH));
}

function fieldsOf(line: string): Readonly<Record<string, unknown>> | undefined {
  if (!line.startsWith('{')) return undefined;
  try {
    const fields: unknown = JSON.parse(line);
    return typeof fields === 'object' && fields !== null && 'event' in fields ? { ...fields } : undefined;
  } catch {
    // A text for a person that begins with a brace.
    return undefined;
  }
}

/** The first line; those behind it, such as of a stack, come indented below. */
function lines(text: string, below: string[]): string {
  const [first = '', ...others] = text.split('\n');
  for (const each of others) below.push(`    ${visible(each.trim())}\n`);
  return visible(first);
}

function valueText(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function quoted(text: string): string {
  return visible(text.startsWith('{') || text.startsWith('[') ? text : JSON.stringify(text));
}

function visible(text: string): string {
  return text.replace(INVISIBLE, (character) =>
    [...Array(character.length).keys()]
      .map((at) => `\\u${character.charCodeAt(at).toString(16).padStart(4, '0')}`)
      .join(''),
  );
}

/** `2026-11-28 17:14:40.783` in the machine's time zone. */
function localTime(time: unknown): string {
  const at = new Date(String(time));
  if (Number.isNaN(at.getTime())) return visible(String(time));
  const two = (number: number) => String(number).padStart(2, '0');
  const day = `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
  const clock = [at.getHours(), at.getMinutes(), at.getSeconds()].map(two).join(':');
  return `${day} ${clock}.${String(at.getMilliseconds()).padStart(3, '0')}`;
}
