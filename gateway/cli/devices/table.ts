import { randomBytes } from 'node:crypto';
import { importTable } from '../../config/edit/import-table.ts';
import { type TableMistake, writeTable } from '../../config/edit/room-table.ts';
import { refused } from '../../config/edit/rooms.ts';
import { SiteEdit } from '../../config/edit/site-edit.ts';
import { withoutKeys } from '../../config/read/mistake.ts';
import { readTextFile } from '../../config/read/read-file.ts';
import { isMapping } from '../../config/read/view.ts';
import { dataDirectory } from '../site-options.ts';
import { RELOAD } from './next-steps.ts';
import { deliver, type OutputOptions } from './output-file.ts';
import type { Change } from './run-edit.ts';

const SHOWN_MAX = 50;

/** `callpoint devices import` @throws CallpointError EDIT_REFUSED with every mistake, one a line */
export function importDevices(edit: SiteEdit, file: string, input: string | undefined): Change {
  const read = readTextFile(file);
  if ('problem' in read) throw refused(`${file} ${unreadable(read.problem)}`);
  const freshKey = () => randomBytes(16).toString('hex');
  const { mistakes, rooms, devices, known, ignored } = importTable(edit, read.text, {
    freshKey,
    ...(input === undefined ? {} : { input }),
  });
  if (mistakes.length > 0) throw refused(mistakeText(file, mistakes));
  const places = devices.map(({ id, location, address }) => ({ device: id, location, address }));
  return {
    what: [
      `${counted(rooms.length, 'room')} and ${counted(devices.length, 'device')} are added; ${counted(known, 'row')} of ${file} ${known === 1 ? 'is' : 'are'} in the site already`,
      ...shared(devices),
      ...(ignored.length === 0 ? [] : [`Columns that were not read: ${ignored.map(printable).join(', ')}`]),
    ],
    next:
      devices.length === 0
        ? []
        : [
            {
              command: 'callpoint devices labels --show-keys --output labels.pdf',
              text: 'room, address and key of each device, to set them up; destroy the sheet afterwards',
            },
            RELOAD,
          ],
    more: { rooms, devices: places, known },
  };
}

function unreadable(problem: string): string {
  if (problem.startsWith('is larger')) return 'is larger than 1 MiB: divide the table into several files.';
  if (problem !== 'is not UTF-8 text') return `${problem}. Name the table as the spreadsheet saved it.`;
  const forms = 'A workbook (.xlsx, .ods) and "Unicode text" can not be read';
  return `${problem}. Save the table as "CSV UTF-8", and name that file. ${forms}.`;
}

/** Two rows for one room are two devices, which may be meant. */
function shared(devices: readonly { readonly location: string }[]): string[] {
  const counts = new Map<string, number>();
  for (const { location } of devices) counts.set(location, (counts.get(location) ?? 0) + 1);
  const several = [...counts].filter(([, count]) => count > 1).map(([location, count]) => `${location} (${count})`);
  if (several.length === 0) return [];
  const shown = several.slice(0, 8).join(', ');
  const more = several.length > 8 ? ` and ${several.length - 8} more` : '';
  return [`Rooms that get several devices, one for each row: ${shown}${more}`];
}

function counted(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? '' : 's'}`;
}

/** `rooms.csv:4: column zone: …` */
function mistakeText(file: string, mistakes: readonly TableMistake[]): string {
  const lines = mistakes.slice(0, SHOWN_MAX).map(({ line, column, message }) => {
    const where = column === undefined ? '' : ` column "${printable(column)}":`;
    return `${file}:${line}:${where} ${printable(message)}`;
  });
  const more = mistakes.length > SHOWN_MAX ? [`… and ${mistakes.length - SHOWN_MAX} more`] : [];
  return ['The table has mistakes. Nothing was changed:', ...lines, ...more].join('\n');
}

/** What a table says can't write to the terminal. */
function printable(text: string): string {
  return withoutKeys(text).replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '?');
}

const NAMED_MAX = 8;
const TABLED = ['id', 'input', 'address', 'location', 'profile', 'topic', 'zone', 'buttons'];
const TABLED_OF_BUTTON = ['id', 'number', 'kind', 'zone', 'pin', 'cutPin', 'contact'];

/** Settings of a device that no column has, and that an import would lose or write otherwise. */
function untabled(device: Readonly<Record<string, unknown>>): string[] {
  const { buttons } = device;
  const list: readonly unknown[] = Array.isArray(buttons) ? buttons : [];
  const names = list.flatMap((button, at) => {
    if (!isMapping(button)) return [];
    const { number } = button;
    const others = Object.keys(button).filter((name) => !TABLED_OF_BUTTON.includes(name));
    // An import numbers the buttons of a node from 0.
    return number === undefined || number === at ? others : [...others, 'number'];
  });
  return [...new Set([...Object.keys(device).filter((name) => !TABLED.includes(name)), ...names])];
}

/** `callpoint devices export` */
export async function exportDevices(options: OutputOptions, out: (line: string) => void): Promise<void> {
  const edit = SiteEdit.read(options.config, dataDirectory(options));
  const { site } = edit;
  const notInTable = site.devices.flatMap(({ id }, at) => {
    const settings = untabled(edit.writtenDevice(at));
    return settings.length === 0 ? [] : [{ device: id, settings }];
  });
  // Spreadsheets of Windows read UTF-8 only behind a byte order mark.
  const mark = options.output === undefined ? '' : '\uFEFF';
  deliver(`${mark}${writeTable(site)}`, options, out, { devices: site.devices.length, not_in_table: notInTable });
  if (notInTable.length === 0 || options.json === true) return;
  const shown = notInTable.slice(0, NAMED_MAX).map(({ device, settings }) => `${device} (${settings.join(', ')})`);
  const more = notInTable.length > NAMED_MAX ? ` and ${notInTable.length - NAMED_MAX} more: --json lists them` : '';
  const hint = 'A new site from this table would lack it; callpoint backup keeps everything';
  process.stderr.write(`Not in the table: ${shown.join(', ')}${more}. ${hint}.\n`);
}
