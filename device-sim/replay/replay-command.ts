import { setTimeout as sleep } from 'node:timers/promises';
import { describeShown, onShown } from '../cli/describe-shown.ts';
import { SIM_COMMAND } from '../command-name.ts';
import { usageError } from '../errors.ts';
import { isServed } from '../site/control.ts';
import { type FarEnds, startFarEnds } from '../site/far-ends.ts';
import { controlSocket, epochNow, readSite } from '../site/site-file.ts';
import { visible } from './decode/visible.ts';
import { untilInputsUp } from './gateway-inputs.ts';
import { Replay } from './replay.ts';

interface ReplayJob {
  readonly file: string;
  readonly site: string;
  readonly data: string;
  readonly speed: number;
  readonly receivers: boolean;
  readonly json: boolean;
}

type Print = (line: string) => void;

/** After this time the gateway shows an alert as not confirmed: whatever comes has come. */
const FAR_ENDS_MS = 10_000;

/**
 * Waits for the gateway, plays the recording, and ends.
 *
 * @returns exit code: 1 if something could not be played
 */
export async function runReplay(
  job: ReplayJob,
  out: Print,
  untilStopped: (stop: () => void | Promise<void>) => void,
): Promise<number> {
  const { file, site: siteFile, data, speed, json } = job;
  const say = (event: string, text: string, fields: object = {}) =>
    out(json ? JSON.stringify({ event, text, ...fields }) : text);
  if (await isServed(controlSocket(siteFile, 'inputs'))) {
    throw usageError(`${siteFile} is served by ${SIM_COMMAND} serve: stop that simulator first`);
  }
  const site = readSite(siteFile, epochNow());
  const stopping = new AbortController();
  const replay = await Replay.prepare(file, site, (text) => say('fault', visible(text)));
  let ends: FarEnds | undefined;
  const close = async () => {
    stopping.abort();
    await Promise.all([replay.stop(), ends?.close()]);
  };
  untilStopped(close);
  try {
    for (const text of replay.unplayed) say('leftOut', text);
    if (job.receivers) ends = await startFarEnds(site);
    if (ends !== undefined) {
      onShown(ends.all, (paths, shown) => say('farEnd', `${paths.join(', ')}  ${describeShown(shown)}`, { paths }));
    }
    await replay.ready();
    say('ready', startLine(replay), { ...replay.gatewayNeeds });
    const waiting = (missing: readonly string[]) =>
      say('waiting', `Waiting for the gateway on ${data}: ${missing.join(', ')}`, { inputs: missing });
    if (!(await untilInputsUp(data, replay.inputs, waiting, stopping.signal))) return 1;
    say('begin', `The gateway's inputs are up. Replaying ${file} at speed ${speed}`);
    await replay.run(speed, stopping.signal);
    if (ends !== undefined) await sleep(FAR_ENDS_MS, undefined, { signal: stopping.signal }).catch(() => undefined);
    const { played, leftOut, isWhole } = replay.summary;
    for (const [why, count] of leftOut) say('leftOut', visible(`left out: ${count} ${why}`), { count });
    const all = isWhole && !stopping.signal.aborted;
    say('end', `${all ? 'Replayed' : 'Replayed in part:'} ${played} frames`, { ok: all, frames: played });
    return all ? 0 : 1;
  } finally {
    await close();
  }
}

function startLine(replay: Replay): string {
  const { nodeArguments, environment } = replay.gatewayNeeds;
  if (nodeArguments.length === 0) return `Start the gateway now, if it does not run yet.`;
  const variables = Object.entries(environment).map(([name, value]) => `${name}=${value}`);
  return `Start the gateway with:  ${[...variables, `NODE_OPTIONS="${nodeArguments.join(' ')}"`].join(' ')}`;
}
