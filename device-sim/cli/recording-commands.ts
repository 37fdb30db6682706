import { dirname, join } from 'node:path';
import { type Command, InvalidArgumentError } from 'commander';
import { usageError } from '../errors.ts';
import type { ShowOptions } from '../replay/show.ts';
import type { ShowFlags } from '../replay/show-command.ts';
import { type JsonFlag, jsonLinesOption, positive, several, wholeNumber } from './arguments.ts';
import { printText } from './output.ts';

const UNITS: Readonly<Record<string, number>> = { '': 1000, s: 1000, m: 60_000, h: 3_600_000 };

interface ReplayFlags extends JsonFlag {
  readonly site: string;
  readonly data?: string;
  readonly speed: number;
  readonly withReceivers?: boolean;
  readonly withGateway?: boolean;
  readonly seed?: number;
  readonly hours: number;
  readonly last: number;
  readonly shrink?: boolean;
  readonly print?: boolean;
}

/** The commands about what `callpoint record` has written. */
export function addRecordingCommands(
  root: Command,
  untilStopped: (stop: () => void | Promise<void>) => void,
  nobodyReads: Promise<void>,
): void {
  jsonLinesOption(root.command('show'))
    .description('show a recording of callpoint record frame by frame')
    .argument('<file>')
    .option('--input <id>', 'only this input; may be given several times', several, [])
    .option('--path <id>', 'only this path; may be given several times', several, [])
    .option('--since <time>', 'from this time on: 90s, 5m or 2h after its begin, or 2026-11-28T07:55Z', since)
    .option('--keys <file>', "open sealed frames with the keys of this site's keys.yaml")
    .option('--pcapng <file>', 'write the frames to a file for Wireshark instead')
    .addHelpText(
      'after',
      '\nEach line: seconds, wire, < to the gateway or > from it, the number of its connection, the frame.\nWithout --keys the content of bus frames, encrypted BTHome and encrypted DC-09 stays sealed.',
    )
    .action(async (file: string, flags: ShowFlags) => {
      const { show } = await import('../replay/show-command.ts');
      process.exitCode = await show(file, flags, nobodyReads);
    });

  jsonLinesOption(root.command('replay'))
    .description('feed what the inputs heard in a recording to a gateway; or live a life of sim swarm again')
    .argument('[file]', 'a recording of callpoint record, or a life (.json)')
    .option('--site <file>', 'the site of the gateway, with the keys of the recorded one', 'site.yaml')
    .option('--data <dir>', 'where the gateway keeps its journal (default: "data" beside the site)')
    .option('--speed <n>', 'so many times as fast as it was, 0.1 to 1000', speed, 1)
    .option('--with-receivers', 'also simulate the far ends of its paths, and print what they display')
    .option('--with-gateway', 'also simulate the far ends, and run a new gateway between them')
    .option('--seed <n>', 'in place of a file: the life of this seed', wholeNumber)
    .option('--hours <n>', 'with --seed: simulated hours of the life', positive, 4)
    .option('--last <n>', 'of a life: lines of its last moments', wholeNumber, 60)
    .option('--shrink', 'of a life: make it as simple as it can be while it breaks the same promise')
    .option('--print', 'of a life: print the life itself, for a file')
    .addHelpText(
      'after',
      '\nA life: exit code 1 if it breaks a promise.\nA recording: the gateway must not have heard the recorded presses: each counts once. Give it a new data directory.\nAt a higher speed, times between frames shrink, and those within the gateway do not: its debouncing may then take two edges of a contact for one.',
    )
    .action(async (file: string | undefined, flags: ReplayFlags) => {
      if (file === undefined || file.endsWith('.json')) {
        await replayLifeOf(file, flags);
        return;
      }
      const { site, speed: times, withReceivers = false, withGateway = false, json = false } = flags;
      const data = flags.data ?? join(dirname(site), 'data');
      const { runReplay } = await import('../replay/replay-command.ts');
      process.exitCode = await runReplay(
        { file, site, data, speed: times, withReceivers, withGateway, json },
        untilStopped,
      );
    });
}

async function replayLifeOf(file: string | undefined, flags: ReplayFlags): Promise<void> {
  const { seed, hours, last, print = false, shrink = false, json = false } = flags;
  if ((file === undefined) === (seed === undefined)) throw usageError('Name either a file or --seed.');
  const { replayLife } = await import('../swarm/replay-life-command.ts');
  const what = file === undefined ? {} : { file };
  const holds = replayLife({ ...what, seed: seed ?? 0, hours, last, json, print, shrink }, printText);
  if (!holds) process.exitCode = 1;
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
