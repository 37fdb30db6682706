import type { JsonFlag } from '../cli/arguments.ts';
import { printJson, printText } from '../cli/output.ts';
import { terminalLines } from '../terminal/text.ts';
import { exportPcapng } from './export-pcapng.ts';
import { type ShowOptions, showRecording } from './show.ts';
import { shownJson, shownText } from './show-line.ts';

export interface ShowFlags extends JsonFlag {
  readonly input?: readonly string[];
  readonly path?: readonly string[];
  readonly since?: NonNullable<ShowOptions['since']>;
  readonly keys?: string;
  readonly pcapng?: string;
}

/**
 * Prints a recording frame by frame, or writes it for Wireshark.
 *
 * @param nobodyReads resolves when nothing more can be printed
 * @returns exit code: 1 if something could not be read
 * @throws CallpointError RECORDING_FAILED, CONFIG_UNREADABLE, CONFIG_INVALID
 */
export async function show(file: string, flags: ShowFlags, nobodyReads: Promise<void>): Promise<number> {
  const { input: inputs = [], path: paths = [], since, keys, json = false, pcapng } = flags;
  const options = { inputs, paths, ...(since !== undefined && { since }), ...(keys !== undefined && { keys }) };
  const fault = (text: string) => {
    if (json) printJson({ event: 'fault', text });
    else process.stderr.write(`${terminalLines(text, process.stderr).join('\n')}\n`);
  };
  if (pcapng !== undefined) {
    const { frames, isWhole } = await exportPcapng(file, pcapng, options, fault);
    if (json) printJson({ ok: isWhole, file: pcapng, frames });
    else printText(`${pcapng} has ${frames} frames for Wireshark.`);
    return isWhole ? 0 : 1;
  }
  let isRead = true;
  void nobodyReads.then(() => {
    isRead = false;
  });
  const isWhole = await showRecording(file, options, {
    line: async (line) => {
      if (!isRead) return false;
      const lines = json ? [shownJson(line)] : terminalLines(shownText(line), process.stdout);
      if (!process.stdout.write(`${lines.join('\n')}\n`)) await drained(nobodyReads);
      return isRead;
    },
    fault,
  });
  return isWhole ? 0 : 1;
}

/** A slow reader is waited for, so that a large recording needs little memory. */
async function drained(nobodyReads: Promise<void>): Promise<void> {
  await Promise.race([new Promise<void>((resolve) => process.stdout.once('drain', resolve)), nobodyReads]);
}
