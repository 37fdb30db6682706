import { setTimeout as sleep } from 'node:timers/promises';
import { CallpointError } from '../../../protocol/errors.ts';
import { readEntry } from '../../../protocol/recording/read-entry.ts';
import { encodeEntry, type RecordingEnd } from '../../../protocol/recording/recording.ts';
import { monoMs } from '../../system/clock.ts';
import { jsonText } from '../json-output.ts';
import { person } from '../person.ts';
import { localTime } from '../terminal-text.ts';
import { GatewayStream } from './gateway-stream.ts';
import { RecordingFile } from './recording-file.ts';

interface RecordJob {
  readonly file: string;
  readonly data: string;
  readonly forMs: number;
  readonly bytesMax: number;
  readonly json: boolean;
}

const RETRY_MS = 500;
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Records until the time is over, the file is full, or somebody ends it. */
export async function record(job: RecordJob, out: (line: string) => void): Promise<void> {
  const recorder = new Recorder(job, (line) => {
    if (!job.json) out(line);
  });
  const stop = () => recorder.stop('stopped');
  for (const signal of SIGNALS) process.on(signal, stop);
  try {
    await recorder.run();
  } finally {
    for (const signal of SIGNALS) process.off(signal, stop);
  }
  if (job.json) out(jsonText({ ok: true, ...recorder.summary }));
  else for (const line of recorder.lines) out(line);
}

const ENDED: Readonly<Record<RecordingEnd, string>> = {
  time: 'its time is over',
  size: 'the file has its full size (--max-mb)',
  stopped: 'you ended it',
  gatewayGone: 'the gateway did not come back',
  notRead: 'the gateway took the reader for gone',
};

class Recorder {
  readonly #job: RecordJob;
  readonly #say: (line: string) => void;
  readonly #startedMs = monoMs();
  readonly #ended = new AbortController();
  readonly #wires = new Set<string>();
  #file: RecordingFile | undefined;
  #stream: GatewayStream | undefined;
  #end: RecordingEnd | undefined;
  #frames = 0;
  #dropped = 0;
  #losses = 0;
  #hasBegun = false;

  constructor(job: RecordJob, say: (line: string) => void) {
    this.#job = job;
    this.#say = say;
  }

  get summary() {
    const { file } = this.#job;
    const bytes = this.#file?.bytes ?? 0;
    const [frames, dropped, gateway_lost] = [this.#frames, this.#dropped, this.#losses];
    return { file, bytes, frames, wires: this.#wires.size, dropped, gateway_lost, ended: this.#end ?? 'gatewayGone' };
  }

  get lines(): readonly string[] {
    const { file, bytes, frames, wires, dropped, ended } = this.summary;
    const size = bytes < 100_000 ? `${Math.ceil(bytes / 1000)} kB` : `${(bytes / 1e6).toFixed(1)} MB`;
    const missing = dropped === 0 ? 'Nothing was dropped.' : `${dropped} frames were dropped: they came too fast.`;
    const lost =
      this.#losses === 0
        ? ''
        : ` The gateway was away ${this.#losses === 1 ? 'once' : `${this.#losses} times`}, and nothing was recorded then.`;
    return [
      `Recorded ${frames} frames of ${wires} wires in ${file} (${size}). It ended: ${ENDED[ended]}.`,
      `${missing}${lost}`,
    ];
  }

  /** @throws CallpointError */
  async run(): Promise<void> {
    const { file, bytesMax } = this.#job;
    try {
      let stream: GatewayStream | undefined = await this.#open();
      this.#file = await RecordingFile.create(file, bytesMax);
      while (stream !== undefined) {
        await this.#copy(stream);
        stream = this.#end === undefined ? await this.#again() : undefined;
      }
      await this.#finish();
    } finally {
      this.#stream?.destroy();
      await this.#file?.close();
    }
  }

  stop(end: RecordingEnd): void {
    this.#end ??= end;
    this.#ended.abort();
    this.#stream?.stop();
  }

  async #open(): Promise<GatewayStream> {
    const leftMs = this.#startedMs + this.#job.forMs - monoMs();
    const request = { for_ms: leftMs, since_ms: this.#startedMs, by: person() };
    this.#stream = await GatewayStream.open(this.#job.data, request);
    return this.#stream;
  }

  /** Until the stream ends. */
  async #copy(stream: GatewayStream): Promise<void> {
    for await (const lines of stream.lines()) {
      if (!this.#hasBegun) this.#tellBegin();
      const kept = lines.filter((line) => this.#isKept(line));
      const text = kept.map((line) => `${line}\n`).join('');
      if (text === '' || (await this.#file?.write(text))) continue;
      this.stop('size');
      stream.destroy();
      return;
    }
  }

  #tellBegin(): void {
    this.#hasBegun = true;
    const { file, forMs, bytesMax } = this.#job;
    const now = new Date();
    const until = localTime(new Date(now.getTime() + forMs).toISOString(), now);
    this.#say(`Recording to ${file} until ${until}, at most ${bytesMax / 1e6} MB. Ctrl-C ends it.`);
  }

  /** Counts what a line is, and says whether it goes to the file. */
  #isKept(line: string): boolean {
    const read = readEntry(line);
    if (!read.ok) return false;
    const { entry } = read;
    if (entry.type === 'header') return this.#losses === 0;
    if (entry.type === 'wire') this.#wires.add(`${entry.side} ${entry.id}`);
    if (entry.type === 'frame') this.#frames += 1;
    if (entry.type === 'dropped') this.#dropped += entry.frames;
    // Ours is the end, whatever the gateway's was.
    if (entry.type === 'end') this.#end ??= entry.end;
    return entry.type !== 'end';
  }

  /** The gateway has gone, and may be starting again. */
  async #again(): Promise<GatewayStream | undefined> {
    this.#losses += 1;
    await this.#note('lost');
    this.#say('The gateway has gone. The recording goes on when it is back.');
    const endMs = this.#startedMs + this.#job.forMs;
    while (this.#end === undefined) {
      await sleep(RETRY_MS, undefined, { signal: this.#ended.signal }).catch(() => undefined);
      if (this.#end !== undefined) break;
      if (monoMs() >= endMs - RETRY_MS) {
        this.#end = 'gatewayGone';
        break;
      }
      try {
        const stream = await this.#open();
        await this.#note('back');
        this.#say('The gateway is back.');
        return stream;
      } catch (error) {
        if (!(error instanceof CallpointError) || error.code !== 'GATEWAY_UNREACHABLE') throw error;
      }
    }
    return undefined;
  }

  async #note(state: 'lost' | 'back'): Promise<void> {
    await this.#file?.write(`${encodeEntry({ type: 'gateway', ms: monoMs() - this.#startedMs, state })}\n`);
  }

  async #finish(): Promise<void> {
    const ms = monoMs() - this.#startedMs;
    const [end, frames, dropped] = [this.#end ?? 'gatewayGone', this.#frames, this.#dropped];
    await this.#file?.write(`${encodeEntry({ type: 'end', ms, end, frames, dropped })}\n`, true);
  }
}
