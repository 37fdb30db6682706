import { type Command, InvalidArgumentError, Option } from 'commander';
import { type DrillScope, parseScope, SCOPE_FORMS } from '../../../protocol/drill-scope.ts';
import { describeCommand } from '../help.ts';
import { jsonOption } from '../json-output.ts';
import { siteOptions } from '../site-options.ts';
import { editOptions, ofSite, SAFETY } from './devices-commands.ts';
import type { LabelOptions } from './labels.ts';
import type { OutputOptions } from './output-file.ts';
import type { EditOptions } from './run-edit.ts';

type Print = (line: string) => void;

const TABLE: readonly string[] = [
  'The first line names the columns: building, floor, floor name, room, room name, device, input, address, button, kind, zone, pin, cut pin, contact, profile, topic, key. Only floor, room and kind are needed. A row without anything behind the room is a room without a device. Commas, semicolons and tabs are understood, as spreadsheets write them.',
  'What the site has already stays as it is: a row that contradicts it is a mistake. One mistake, and nothing is changed.',
];

/** Many devices at once: tables and labels. */
export function addTableCommands(devices: Command, out: Print): void {
  describeCommand(editOptions(devices, 'import'), {
    about: [...TABLE, ...SAFETY],
    examples: [['callpoint devices import rooms.csv --dry-run', '']],
    seeAlso: ['devices export', 'devices labels'],
  })
    .argument('<file>', 'the table, as CSV in UTF-8')
    .option('--input <id>', 'input of rows that name none (default: the only one)')
    .description('add the rooms and devices of a table that the site does not have, with fresh keys')
    .action(async (file: string, options: EditOptions & { input?: string }) => {
      const [{ runEdit, terminalIo }, { importDevices }] = await Promise.all([
        import('./run-edit.ts'),
        import('./table.ts'),
      ]);
      await runEdit(ofSite(devices, options), terminalIo(out, options), (edit) =>
        importDevices(edit, file, options.input),
      );
    });
  describeCommand(withOutput(devices, 'export'), {
    examples: [['callpoint devices export --output rooms.csv', '']],
    seeAlso: ['devices import'],
  })
    .description('write the rooms and devices of the site as a table that import reads; it holds no keys')
    .action(async (options: OutputOptions) => {
      const { exportDevices } = await import('./table.ts');
      await exportDevices(ofSite(devices, options), out);
    });
  describeCommand(withOutput(devices, 'labels'), {
    about: [
      'A name that ends with .pdf gives a PDF, any other one HTML to print in a browser. A sheet with keys is a secret: destroy it when the devices are set up.',
    ],
    examples: [['callpoint devices labels --scope building:A --output labels.pdf', '']],
    seeAlso: ['keys show'],
  })
    .description('write a page of labels to print: room, device and address')
    .option('--scope <scope>', SCOPE_FORMS, scope)
    .option('--show-keys', 'print the keys, too, for setting the devices up')
    .addOption(new Option('--paper <size>', 'size of the pages of a PDF').choices(['letter', 'a4']).default('letter'))
    .action(async (options: LabelOptions) => {
      const { writeLabels } = await import('./labels.ts');
      await writeLabels(ofSite(devices, options), out);
    });
}

function withOutput(devices: Command, name: string): Command {
  return jsonOption(siteOptions(devices.command(name)))
    .option('-o, --output <file>', 'a new file (default: stdout)')
    .option('--yes', 'write over a file that exists');
}

function scope(text: string): DrillScope {
  const read = parseScope(text);
  if (read !== undefined) return read;
  throw new InvalidArgumentError(`It must be ${SCOPE_FORMS}.`);
}
