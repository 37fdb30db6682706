import { parse } from 'csv-parse/sync';
import { withoutKeys } from '../read/mistake.ts';
import { onlyNearest } from '../read/nearest.ts';
import type { SiteFile } from '../schema/site-schema.ts';
import { addressOf } from './free-numbers.ts';

/** A column of the table of rooms and buttons, and how people head it. */
const COLUMNS = {
  building: ['building', 'bldg', 'block', 'buildingid', 'gebaeude', 'gebäude'],
  floor: ['floor', 'level', 'storey', 'floorid', 'etage', 'geschoss'],
  floorName: ['floorname', 'levelname'],
  room: ['room', 'roomnumber', 'roomno', 'number', 'raum', 'raumnummer'],
  roomName: ['roomname', 'name', 'description', 'raumname'],
  device: ['device', 'deviceid', 'id', 'node'],
  input: ['input', 'line', 'bus'],
  address: ['address', 'addr', 'mac', 'macaddress'],
  button: ['button', 'buttonid'],
  kind: ['kind', 'alert', 'alarm', 'kindofalert', 'type', 'art', 'alarmart'],
  zone: ['zone', 'zonenumber'],
  pin: ['pin', 'terminal'],
  cutPin: ['cutpin'],
  contact: ['contact', 'wiring'],
  profile: ['profile'],
  topic: ['topic', 'mqtttopic'],
  key: ['key', 'bindkey'],
} as const;

export type Column = keyof typeof COLUMNS;

/** Written by export, in this order. Keys are not among them. */
const EXPORTED: readonly (readonly [Column, heading: string])[] = [
  ['building', 'building'],
  ['floor', 'floor'],
  ['floorName', 'floor name'],
  ['room', 'room'],
  ['roomName', 'room name'],
  ['device', 'device'],
  ['input', 'input'],
  ['address', 'address'],
  ['button', 'button'],
  ['kind', 'kind'],
  ['zone', 'zone'],
  ['pin', 'pin'],
  ['cutPin', 'cut pin'],
  ['contact', 'contact'],
  ['profile', 'profile'],
  ['topic', 'topic'],
];

/** A row of the table. Cells that are empty are absent. */
export interface Row {
  readonly line: number;
  readonly cells: ReadonlyMap<Column, string>;
}

/** Something wrong in the table, and what to do. Never quotes a key. */
export interface TableMistake {
  readonly line: number;
  /** Heading of the column; absent: the whole line. */
  readonly column?: string;
  readonly message: string;
}

export interface Table {
  readonly rows: readonly Row[];
  readonly mistakes: readonly TableMistake[];
  /** Headings of columns that mean nothing here. */
  readonly ignored: readonly string[];
  /** How the file heads a column. */
  heading(column: Column): string;
}

const ROWS_MAX = 10_000;
const COLUMNS_MAX = 100;
const CELL_LENGTH_MAX = 200;
/** What a spreadsheet would take for the start of a formula. */
const FORMULA = /^[=+\-@\t\r]/;

/** Reads a table with commas, semicolons or tabs between its cells. Never throws. */
export function readTable(text: string): Table {
  const mistakes: TableMistake[] = [];
  const wrong = (line: number, message: string, column?: string) =>
    mistakes.push({ line, message, ...(column === undefined ? {} : { column }) });
  const records = recordsOf(text, wrong);
  const [head, ...body] = records;
  if (head === undefined) {
    if (mistakes.length === 0)
      wrong(1, 'the file is empty: write a line of headings, such as building,floor,room,room name,kind');
    return { rows: [], mistakes, ignored: [], heading: (column) => column };
  }
  if (head.cells.length > COLUMNS_MAX) {
    wrong(head.line, `this line has more than ${COLUMNS_MAX} cells: it is no line of headings`);
    return { rows: [], mistakes, ignored: [], heading: (column) => column };
  }
  const columns = columnsOf(head, wrong);
  const heading = (column: Column) => headings.get(column) ?? column;
  const headings = new Map(
    columns.flatMap((column, at) => (column === undefined ? [] : [[column, head.cells[at] ?? column]])),
  );
  // Without its headings, nothing in a row means anything.
  if (mistakes.length > 0) return { rows: [], mistakes, ignored: [], heading };
  if (body.length > ROWS_MAX) wrong(ROWS_MAX + 2, `more than ${ROWS_MAX} rows: divide the file`);
  const rows = body.slice(0, ROWS_MAX).flatMap((record): Row[] => {
    const { line, cells } = record;
    if (cells.length > columns.length && cells.slice(columns.length).some((cell) => cell !== ''))
      wrong(
        line,
        `this line has ${cells.length} cells, and the headings are ${columns.length}: quote cells that hold a separator`,
      );
    const found = columns.flatMap((column, at) => {
      const cell = plainCell(cells[at] ?? '');
      if (column === undefined || cell === '') return [];
      if (cell.length > CELL_LENGTH_MAX)
        wrong(line, `this cell is longer than ${CELL_LENGTH_MAX} characters`, head.cells[at]);
      if (column !== 'key' && withoutKeys(cell) !== cell)
        wrong(line, 'this looks like a key, and anybody may read site.yaml: keys go in the column key', head.cells[at]);
      return [[column, cell] as const];
    });
    return found.length === 0 ? [] : [{ line, cells: new Map(found) }];
  });
  const ignored = head.cells.filter((cell, at) => columns[at] === undefined && cell.trim() !== '');
  return { rows, mistakes, ignored, heading };
}

/** The rooms and buttons of a site as a table that `readTable` reads. */
export function writeTable(site: SiteFile): string {
  const lines = [
    EXPORTED.map(([, heading]) => heading),
    ...siteRows(site).map((row) => EXPORTED.map(([column]) => row[column] ?? '')),
  ];
  return lines.map((cells) => `${cells.map(safeCell).join(',')}\r\n`).join('');
}

type Cells = Partial<Record<Column, string>>;

function siteRows({ buildings, devices }: SiteFile): Cells[] {
  return buildings.flatMap((building) =>
    building.floors.flatMap((floor) =>
      floor.rooms.flatMap(({ number, name }) => {
        const place = { building: building.id, floor: floor.id, floorName: floor.name, room: number, roomName: name };
        const here = devices.filter(({ location }) => location === `${building.id}/${floor.id}/${number}`);
        const rows = here.flatMap((device) => deviceRows(device));
        return (rows.length === 0 ? [{}] : rows).map((row) => withoutNothing({ ...place, ...row }));
      }),
    ),
  );
}

function deviceRows(device: SiteFile['devices'][number]): Record<string, string | undefined>[] {
  const { id, input, buttons } = device;
  const address = addressOf(device);
  const own = {
    device: id,
    input,
    address: address === undefined ? undefined : String(address),
    profile: 'profile' in device ? device.profile : undefined,
    topic: 'topic' in device ? device.topic : undefined,
  };
  if (buttons.length === 0) return [own];
  return buttons.map((button) => ({
    ...own,
    button: button.id,
    kind: button.kind,
    zone: String(button.zone),
    pin: 'pin' in button ? button.pin : undefined,
    cutPin: 'cutPin' in button ? button.cutPin : undefined,
    contact: 'contact' in button ? button.contact : undefined,
  }));
}

function withoutNothing(cells: Readonly<Record<string, string | undefined>>): Cells {
  return Object.fromEntries(Object.entries(cells).filter(([, cell]) => cell !== undefined));
}

/** A cell that a spreadsheet would run is marked as text, as spreadsheets do it. */
function safeCell(cell: string): string {
  const text = FORMULA.test(cell) || cell.startsWith("'") ? `'${cell}` : cell;
  return /[",;\r\n\t]|^ | $/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

function plainCell(cell: string): string {
  const text = cell.trim();
  return text.startsWith("'") && (FORMULA.test(text.slice(1)) || text[1] === "'") ? text.slice(1) : text;
}

interface CsvRecord {
  readonly line: number;
  readonly cells: readonly string[];
}

type Wrong = (line: number, message: string, column?: string) => void;

function recordsOf(text: string, wrong: Wrong): CsvRecord[] {
  if (text.includes('\0')) {
    wrong(1, NO_TABLE);
    return [];
  }
  const named = NAMED_DELIMITER.exec(text);
  const above = named === null ? 0 : 1;
  try {
    const parsed: unknown = parse(named === null ? text : text.slice(named[0].length), {
      bom: true,
      delimiter: named?.[1] ?? delimiterOf(text),
      info: true,
      relax_column_count: true,
      skip_empty_lines: true,
    });
    if (!Array.isArray(parsed)) return [];
    return parsed.map(({ record, info }: { record: string[]; info: { lines: number } }) => {
      // The parser counts the line that a record ends in.
      const breaks = record.reduce((sum, cell) => sum + (cell.match(/\r\n|\n|\r/g)?.length ?? 0), 0);
      return { line: info.lines - breaks + above, cells: record };
    });
  } catch (error) {
    const { code, lines } = error as { code?: string; lines?: number };
    wrong((lines ?? 1) + above, CSV_FAULTS[code ?? ''] ?? NO_TABLE);
    return [];
  }
}

const NO_TABLE = 'this is no table: save it as "CSV UTF-8"';
/** A first line by which Excel is told, and tells, what stands between cells. */
const NAMED_DELIMITER = /^\uFEFF?"?sep=([;,\t])"?[;,\t]*(?:\r\n|\n|\r)/i;

/** What stands between the headings most often, outside of quotes. */
function delimiterOf(text: string): string {
  const first = text.split(/\r\n|\n|\r/).find((line) => line.trim() !== '') ?? '';
  const bare = first.replaceAll(/"(?:[^"]|"")*"/g, '');
  const count = (each: string) => bare.split(each).length;
  const [found = ','] = [';', '\t', ','].sort((a, b) => count(b) - count(a));
  return count(found) > 1 ? found : ',';
}

const CSV_FAULTS: Readonly<Record<string, string>> = {
  CSV_QUOTE_NOT_CLOSED: 'a quote is not closed: write " at the end of the cell',
  CSV_INVALID_CLOSING_QUOTE: 'text stands behind a closing quote: write quotes inside a cell twice, ""',
  INVALID_OPENING_QUOTE:
    'a quote stands in the middle of a cell: put the whole cell in quotes, and write the inner ones twice, ""',
};

function columnsOf({ line, cells }: CsvRecord, wrong: Wrong): (Column | undefined)[] {
  const seen = new Set<Column>();
  const columns = cells.map((cell) => {
    const name = cell.toLowerCase().replaceAll(/[^\p{L}\p{N}]/gu, '');
    const column = (Object.keys(COLUMNS) as Column[]).find((each) =>
      (COLUMNS[each] as readonly string[]).includes(name),
    );
    if (column === undefined) {
      // A column of the person's own is not read. One that is spelt almost right was meant to be.
      const near = onlyNearest(name, Object.values(COLUMNS).flat());
      if (near !== undefined) wrong(line, `no column has this heading: did you mean ${near}?`, cell);
    } else if (seen.has(column)) wrong(line, 'two columns have this meaning: remove one', cell);
    if (column !== undefined) seen.add(column);
    return column;
  });
  const missing = (['floor', 'room'] as const).filter((column) => !seen.has(column));
  if (missing.length > 0) {
    const what = `there is no column ${missing.join(', and none ')}`;
    wrong(line, `${what}: the first line must name the columns, such as building,floor,room,room name,kind`);
  }
  return columns;
}
