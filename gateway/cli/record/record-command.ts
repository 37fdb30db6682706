import { type Command, InvalidArgumentError } from 'commander';
import { RECORD_MS_MAX } from '../../../protocol/recording/record-request.ts';
import { describeCommand } from '../help.ts';
import { type JsonFlag, jsonOption } from '../json-output.ts';
import { dataDirectory, type SiteOptions, siteOptions } from '../site-options.ts';

const UNITS: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };
const MEGABYTES_MAX = 4096;

interface RecordOptions extends SiteOptions, JsonFlag {
  readonly for: number;
  readonly maxMb: number;
}

/** `callpoint record`: what passes on the wires of the running gateway, in a file. */
export function addRecordCommand(root: Command, out: (line: string) => void): void {
  describeCommand(jsonOption(siteOptions(root.command('record'))), {
    about: [
      'The file holds what every input hears and sends, and what every path sends and hears, byte for byte with its time: presses, rooms, telephone numbers, and who pressed when. Treat it like the journal. It has mode 0600.',
      'It holds no keys. What is encrypted on its wire stays encrypted: frames of the button bus, BTHome, DC-09 with a key. TLS connections are recorded before encryption, without authorisation headers, passwords, PINs, signatures and URLs.',
      'Only the user the gateway runs as and root may record. The log of the gateway says who did. One recording runs at a time.',
      'callpoint-sim show prints it frame by frame, and callpoint-sim replay feeds it to another gateway. The recording ends by itself: after --for, at --max-mb, or with Ctrl-C. If the gateway restarts, it goes on when the gateway is back, and the file says what is missing. If frames come faster than they can be written, they are dropped and counted, and no press waits.',
    ],
    exitCodes: [
      ['0', 'recorded'],
      ['1', 'no gateway answers, another recording runs, or the file could not be written'],
      ['2', 'called with arguments that do not fit'],
    ],
    examples: [['callpoint record monday.jsonl --for 8h', '']],
    seeAlso: ['status', 'alerts'],
  })
    .description('record what passes on the wires of the running gateway to a file')
    .argument('<file>', 'the file to make; it must not exist')
    .option('--for <time>', 'how long, such as 90s, 30m or 8h; at most 7d', duration, 3_600_000)
    .option('--max-mb <n>', 'end when the file has this size, in MB', megabytes, 64)
    .action(async (file: string, options: RecordOptions) => {
      const { record } = await import('./record.ts');
      const { for: forMs, maxMb, json = false } = options;
      await record({ file, data: dataDirectory(options), forMs, bytesMax: maxMb * 1_000_000, json }, out);
    });
}

function duration(text: string): number {
  const [, number = '', unit = ''] = /^(\d{1,6}(?:\.\d{1,3})?)(s|m|h|d)$/.exec(text) ?? [];
  const ms = Number(number) * (UNITS[unit] ?? 0);
  if (ms >= 1000 && ms <= RECORD_MS_MAX) return ms;
  throw new InvalidArgumentError('It must be a time such as 90s, 30m or 8h, from 1s to 7d.');
}

function megabytes(text: string): number {
  const size = Number(text);
  if (/^\d{1,4}$/.test(text) && size >= 1 && size <= MEGABYTES_MAX) return size;
  throw new InvalidArgumentError(`It must be a whole number from 1 to ${MEGABYTES_MAX}.`);
}
