import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { tellFarEnds } from '../cli/far-end-lines.ts';
import { type Say, sayer } from '../cli/output.ts';
import { SIM_COMMAND } from '../command-name.ts';
import { type GatewayProcess, spawnGateway } from '../demo/gateway-process.ts';
import { gatewayStatus } from '../demo/gateway-status.ts';
import { refused } from '../errors.ts';
import { isServed } from '../site/control.ts';
import { type FarEnds, startFarEnds } from '../site/far-ends.ts';
import { controlSocket, epochNow, readSite } from '../site/site-file.ts';
import { removeLeftovers, temporaryDirectory } from '../site/temporary.ts';
import { visible } from './decode/visible.ts';
import { Replay } from './replay.ts';

interface ReplayJob {
  readonly file: string;
  readonly site: string;
  readonly data: string;
  readonly speed: number;
  readonly withReceivers: boolean;
  readonly withGateway: boolean;
  readonly json: boolean;
}

const LOOK_MS = 250;
/** After this time the gateway shows an alert as not confirmed: whatever comes has come. */
const FAR_ENDS_MS = 10_000;

/**
 * Waits for the gateway, plays the recording, and ends.
 *
 * @returns exit code: 1 if something could not be played
 * @throws CallpointError RECORDING_FAILED, SIMULATOR_REFUSED, CONFIG_UNREADABLE, CONFIG_INVALID
 */
export async function runReplay(
  job: ReplayJob,
  untilStopped: (stop: () => void | Promise<void>) => void,
): Promise<number> {
  const say = sayer(job.json);
  await removeLeftovers();
  if (await isServed(controlSocket(job.site, 'inputs'))) {
    throw refused(`${job.site} is served by ${SIM_COMMAND} serve: stop that simulator first`);
  }
  const run = new Run(job, say);
  untilStopped(() => run.close());
  try {
    return await run.play();
  } finally {
    await run.close();
  }
}

class Run {
  readonly #job: ReplayJob;
  readonly #say: Say;
  readonly #stopping = new AbortController();
  #data: string;
  #directory: Awaited<ReturnType<typeof temporaryDirectory>> | undefined;
  #replay: Replay | undefined;
  #ends: FarEnds | undefined;
  #gateway: GatewayProcess | undefined;

  constructor(job: ReplayJob, say: Say) {
    this.#job = job;
    this.#say = say;
    this.#data = job.data;
  }

  async play(): Promise<number> {
    const { file, site: siteFile, speed, withReceivers, withGateway } = this.#job;
    const site = readSite(siteFile, epochNow());
    const fault = (text: string) => this.#say(text, { event: 'fault', text });
    const replay = await Replay.prepare(file, site, (text) => fault(visible(text)));
    this.#replay = replay;
    for (const text of replay.unplayed) this.#say(text, { event: 'leftOut', text });
    if (withReceivers || withGateway) {
      this.#ends = await startFarEnds(site);
      tellFarEnds(siteFile, this.#ends, this.#say);
    }
    await replay.ready();
    if (withGateway) await this.#start(replay);
    else this.#tellNeeds(replay);
    if (!(await this.#untilInputsUp(replay.inputs))) return 1;
    this.#say(`The gateway's inputs are up. Replaying ${file} at speed ${speed}`, { event: 'begin', speed });
    await replay.run(speed, this.#stopping.signal);
    if (this.#ends !== undefined) await this.#untilAnswered();
    return this.#tellEnd(replay);
  }

  /** May be called twice. */
  async close(): Promise<void> {
    this.#stopping.abort();
    await this.#gateway?.stop();
    await Promise.all([this.#replay?.stop(), this.#ends?.close()]);
    this.#ends = undefined;
    this.#directory?.remove();
    this.#directory = undefined;
  }

  async #start({ gatewayNeeds }: Replay): Promise<void> {
    this.#directory = await temporaryDirectory();
    this.#data = join(this.#directory.path, 'data');
    const log = join(this.#directory.path, 'gateway.log');
    this.#gateway = spawnGateway(this.#job.site, this.#data, log, gatewayNeeds);
    this.#say(`The gateway starts; its log: ${log}`, { event: 'starting', data: this.#data, log });
  }

  #tellNeeds({ gatewayNeeds }: Replay): void {
    const { nodeArguments, environment } = gatewayNeeds;
    const variables = Object.entries(environment).map(([name, value]) => `${name}=${value}`);
    const start = [...variables, `NODE_OPTIONS="${nodeArguments.join(' ')}"`].join(' ');
    const text = nodeArguments.length === 0 ? 'Start the gateway now.' : `Start the gateway with:  ${start}`;
    this.#say(text, { event: 'ready', gateway_needs: { node_arguments: nodeArguments, environment } });
  }

  /** Returns false if it was stopped before. */
  async #untilInputsUp(inputs: readonly string[]): Promise<boolean> {
    let hasSaid = false;
    while (!this.#stopping.signal.aborted) {
      const status = await gatewayStatus(this.#data);
      const states = new Map(status?.inputs.map(({ input, state }) => [input, state]));
      const missing = inputs.filter((input) => states.get(input) !== 'up');
      if (missing.length === 0) return true;
      const text = `Waiting for the gateway on ${this.#data}: ${missing.join(', ')}`;
      if (!hasSaid) this.#say(text, { event: 'waiting', inputs: missing });
      hasSaid = true;
      const { child } = this.#gateway ?? {};
      if (child !== undefined && (child.exitCode !== null || child.signalCode !== null)) {
        throw refused(`The gateway ended by itself: run callpoint check --config ${this.#job.site}`);
      }
      await this.#pause(LOOK_MS);
    }
    return false;
  }

  /** The far ends have time to answer each alert. */
  async #untilAnswered(): Promise<void> {
    const untilMs = performance.now() + FAR_ENDS_MS;
    while (performance.now() < untilMs && !this.#stopping.signal.aborted) {
      const status = await gatewayStatus(this.#data);
      if (status?.alerts.every(({ state }) => state !== 'raised' && state !== 'sent')) return;
      await this.#pause(LOOK_MS);
    }
  }

  #tellEnd({ summary }: Replay): number {
    const { played, leftOut, isWhole } = summary;
    for (const [why, count] of leftOut) {
      const text = visible(`Left out: ${count} ${why}`);
      this.#say(text, { event: 'leftOut', text, count });
    }
    const ok = isWhole && !this.#stopping.signal.aborted;
    this.#say(`Replayed ${played} frames${ok ? '' : ', and not all of the recording'}`, { event: 'end', ok, played });
    return ok ? 0 : 1;
  }

  async #pause(ms: number): Promise<void> {
    await sleep(ms, undefined, { signal: this.#stopping.signal }).catch(() => undefined);
  }
}
