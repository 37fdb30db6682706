import { type Command, InvalidArgumentError, Option } from 'commander';

type ReportFormat = 'html' | 'pdf' | 'json';

/** Where a report goes, and in what form. */
export interface OutputOptions {
  readonly format?: ReportFormat;
  readonly out?: string;
  readonly json?: boolean;
  readonly yes?: boolean;
  readonly paper?: 'letter' | 'a4';
}

export function outputOptions(command: Command): Command {
  return command
    .addOption(
      new Option(
        '--format <format>',
        'default: as the name of --out ends, else pdf, which is printed and signed',
      ).choices(['html', 'pdf', 'json']),
    )
    .option('--out <file>', 'file to write; - for stdout', fileName)
    .option('--json', 'the same as --format json --out -: one JSON object on stdout')
    .option('--yes', 'overwrite a file that exists without asking');
}

function fileName(text: string): string {
  if (text !== '') return text;
  throw new InvalidArgumentError('It must be the name of a file, or - for stdout.');
}

/** The format that was asked for, by option or by the end of the file's name. */
export function formatOf({ format, out, json = false }: OutputOptions): ReportFormat {
  if (json) return 'json';
  if (format !== undefined) return format;
  const [, ending = ''] = /\.(html?|pdf|json)$/i.exec(out ?? '') ?? [];
  if (/^html?$/i.test(ending)) return 'html';
  return ending.toLowerCase() === 'json' ? 'json' : 'pdf';
}
