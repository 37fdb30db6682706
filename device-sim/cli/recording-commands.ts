import { dirname, join } from 'node:path';
import { type Command, InvalidArgumentError } from 'commander';
import type { ShowOptions } from '../replay/show.ts';

type Print = (line: string) => void;

const UNITS: Readonly<Record<string, number>> = { '': 1000, s: 1000, m: 60_000, h: 3_600_000 };
const USUAL_COLUMNS = 80;

interface ShowFlags {
  readonly input: readonly string[];
  readonly path: readonly string[];
  readonly since?: NonNullable<ShowOptions['since']>;
  readonly keys?: string;
  readonly json?: boolean;
  readonly pcapng?: string;
}

interface ReplayFlags {
  readonly site: string;
  readonly data?: string;
  readonly speed: number;
  readonly receivers?: boolean;
  readonly json?: boolean;
}

/** The commands about what `callpoint record` has written. */
export function addRecordingCommands(
  root: Command,
  out: Print,
  untilStopped: (stop: () => void | Promise<void>) => void,
  nobodyReads: Promise<void>,
): void {
  const several = (id: string, before: readonly string[]) => [...before, id];
  root
    .command('show')
    .description('show a recording of callpoint record frame by frame')
    .argument('<file>')
    .option('--input <id>', 'only this input; may be given several times', several, [])
    .option('--path <id>', 'only this path; may be given several times', several, [])
    .option('--since <time>', 'from this time on: 90s, 5m or 2h after its begin, or 2026-11-28T07:55Z', since)
    .option('--keys <file>', "open sealed frames with the keys of this site's keys.yaml")
    .option('--pcapng <file>', 'write the frames to a file for Wireshark instead')
    .option('--json', 'one JSON object a line')
    .addHelpText(
      'after',
      '\nEach line: seconds, wire, < to the gateway or > from it, the number of its connection, the frame.\nWithout --keys the content of bus frames, encrypted BTHome and encrypted DC-09 stays sealed.',
    )
    .action(async (file: string, flags: ShowFlags) => {
      await show(file, flags, nobodyReads);
    });

  root
    .command('replay')
    .description('feed what the inputs heard in a recording to a gateway, over simulated wires')
    .argument('<file>')
    .option('--site <file>', 'the site of the gateway, with the keys of the recorded one', 'site.yaml')
    .option('--data <dir>', 'where the gateway keeps its journal (default: "data" beside the site)')
    .option('--speed <n>', 'so many times as fast as it was, 0.1 to 1000', speed, 1)
    .option('--receivers', 'simulate the far ends of its paths as well, and print what they display')
    .option('--json', 'one JSON object a line')
    .addHelpText(
      'after',
      '\nThe gateway must not have heard the recorded presses: each counts once. Give it a new data directory.\nAt a higher speed, times between frames shrink, and those within the gateway do not: its debouncing may then take two edges of a contact for one.',
    )
    .action(async (file: string, flags: ReplayFlags) => {
      const { site, speed: times, receivers = false, json = false } = flags;
      const data = flags.data ?? join(dirname(site), 'data');
      const { runReplay } = await import('../replay/replay-command.ts');
      process.exitCode = await runReplay({ file, site, data, speed: times, receivers, json }, out, untilStopped);
    });
}

async function show(file: string, flags: ShowFlags, nobodyReads: Promise<void>): Promise<void> {
  const { input: inputs, path: paths, since: from, keys, json = false, pcapng } = flags;
  const only = { inputs, paths, ...(from !== undefined && { since: from }) };
  const fault = (text: string) => process.stderr.write(`${text}\n`);
  if (pcapng !== undefined) {
    const { exportPcapng } = await import('../replay/export-pcapng.ts');
    const { frames, isWhole } = await exportPcapng(file, pcapng, only, fault);
    process.stdout.write(
      json ? `${JSON.stringify({ ok: isWhole, file: pcapng, frames })}\n` : `${pcapng}: ${frames} frames\n`,
    );
    if (!isWhole) process.exitCode = 1;
    return;
  }
  const [{ showRecording }, { shownJson, shownText }] = await Promise.all([
    import('../replay/show.ts'),
    import('../replay/show-line.ts'),
  ]);
  let isRead = true;
  void nobodyReads.then(() => {
    isRead = false;
  });
  const { columns } = process.stdout;
  const width = columns === undefined || columns < 1 ? USUAL_COLUMNS : columns;
  const isWhole = await showRecording(
    file,
    { ...only, json, ...(keys !== undefined && { keys }) },
    {
      line: async (line) => {
        const text = json ? shownJson(line) : shownText(line, width);
        if (isRead && !process.stdout.write(`${text}\n`)) await drained(nobodyReads);
        return isRead;
      },
      fault: (text) => fault(json ? JSON.stringify({ ok: false, text }) : text),
    },
  );
  if (!isWhole) process.exitCode = 1;
}

/** A slow reader is waited for, so that a large recording needs little memory. */
async function drained(nobodyReads: Promise<void>): Promise<void> {
  await Promise.race([new Promise<void>((resolve) => process.stdout.once('drain', resolve)), nobodyReads]);
}

function since(text: string): NonNullable<ShowOptions['since']> {
  const [, number, unit = ''] = /^(\d{1,9}(?:\.\d{1,3})?)(s|m|h)?$/.exec(text) ?? [];
  if (number !== undefined) return { ms: Number(number) * (UNITS[unit] ?? 0) };
  const wallMs = /^\d{4}-\d\d-\d\dT/.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(wallMs)) throw new InvalidArgumentError('It is a time such as 90s, 5m, 2h or 2026-11-28T07:55Z.');
  return { wallMs };
}

function speed(text: string): number {
  const times = Number(text);
  if (/^\d{1,4}(?:\.\d{1,3})?$/.test(text) && times >= 0.1 && times <= 1000) return times;
  throw new InvalidArgumentError('It is a number from 0.1 to 1000.');
}
