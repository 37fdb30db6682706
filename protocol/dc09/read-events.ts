/** An event's data as a receiver reads it. Missing fields are absent. */
interface ReadEvent {
  /** Account in the data; absent if the data names none, and the message's own account applies. */
  readonly account?: string;
  /** SIA code (two capitals) or Contact ID code (three digits). It is empty for text alone. */
  readonly code: string;
  readonly qualifier?: number;
  readonly zone?: number;
  readonly area?: number;
  /** Name of the area, as some panels add it. */
  readonly areaName?: string;
  /** Free text in any dialect: `^…^`, `*"…"NM` (XSIA), `|A…`, or `[I…]`. */
  readonly text?: string;
}

/**
 * Reads the data of an event message: one event, or several in a block. Returns an empty list if it
 * cannot read them.
 */
export function readEvents(token: string, data: string, xdata: readonly string[]): readonly ReadEvent[] {
  const match = /^(?:#?([0-9A-Za-z]*)\s*\|)?(.*)$/s.exec(data);
  const [, account = '', rest = ''] = match ?? [];
  const base = account === '' ? {} : { account };
  const block = xdata.find((one) => one.startsWith('I'))?.slice(1);
  if (token === 'SIA-DCS') return readSiaDcs(base, rest, block);
  return token === 'ADM-CID' ? readContactId(base, rest, block) : [];
}

type Base = Pick<ReadEvent, 'account'>;
type Area = Pick<ReadEvent, 'area' | 'areaName'>;

// Each pattern is sticky: it matches where the one before it ended.
const MODIFIER = /([a-z]{2})([0-9:]*)(?:\^([^^]*)\^)?\/?/y;
const EVENT = /([A-Z]{2})(\d*)(?:\^([^^]*)\^|\*["']?([^"'|]*?)["']?(?:NM|\*)?(?=\/|\||$))?\/?/y;
const TEXT = /\^([^^]*)\^\/?/y;

/**
 * Reads DC-03 blocks between bars: `N…` is new events, `O…` old ones, `A…` the text of those before
 * it.
 */
function readSiaDcs(base: Base, rest: string, block: string | undefined): readonly ReadEvent[] {
  const events: ReadEvent[] = [];
  for (const part of rest.split('|')) {
    if (part.startsWith('A')) addText(events, part.slice(1), base);
    else if (!readSiaBlock(part, base, events)) return [];
  }
  return block === undefined ? events : events.map((event) => ({ text: block, ...event }));
}

function addText(events: ReadEvent[], text: string, base: Base): void {
  const last = events.pop();
  events.push({ ...(last ?? { ...base, code: '' }), text: last?.text ?? text });
}

/** @returns false if it is not such a block */
function readSiaBlock(part: string, base: Base, events: ReadEvent[]): boolean {
  const before = events.length;
  let area: Area = {};
  let at = /^[NO]/.test(part) ? 1 : 0;
  if (at === 0 && !part.startsWith('^')) return false;
  while (at < part.length) {
    const text = matchAt(TEXT, part, at);
    const modifier = text === undefined ? matchAt(MODIFIER, part, at) : undefined;
    const event = text === undefined && modifier === undefined ? matchAt(EVENT, part, at) : undefined;
    if (text !== undefined) events.push({ ...base, code: '', ...area, text: text[1] ?? '' });
    else if (event !== undefined) {
      const [, code = '', zone = '', caret, star] = event;
      const own = caret ?? star;
      const fields = { ...(zone === '' ? {} : { zone: Number(zone) }), ...(own === undefined ? {} : { text: own }) };
      events.push({ ...base, code, ...fields, ...area });
    } else if (modifier?.[1] === 'ri') {
      const [, , number = '', areaName] = modifier;
      area = { area: Number(number), ...(areaName === undefined ? {} : { areaName }) };
    } else if (modifier === undefined) return false;
    at += (text ?? event ?? modifier)?.[0].length ?? 0;
  }
  return events.length > before;
}

function matchAt(pattern: RegExp, text: string, at: number): RegExpExecArray | undefined {
  pattern.lastIndex = at;
  return pattern.exec(text) ?? undefined;
}

/**
 * Contact ID with single blanks and fixed widths. Bars separate several events, each with or
 * without the message type 18 of DC-05.
 */
function readContactId(base: Base, rest: string, text: string | undefined): readonly ReadEvent[] {
  const events: ReadEvent[] = [];
  for (const part of rest.split('|')) {
    const match = /^(?:18 ?)?([136])(\d{3}) (\d\d) (\d{3})$/.exec(part.trim());
    if (match === null) return [];
    const [, qualifier, code = '', area, zone] = match;
    const fields = { qualifier: Number(qualifier), area: Number(area), zone: Number(zone) };
    events.push({ ...base, code, ...fields, ...(text === undefined ? {} : { text }) });
  }
  return events;
}
