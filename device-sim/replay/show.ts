import { bytesToHex } from '../../protocol/bytes.ts';
import type { FrameEntry, RecordingEntry, WireName } from '../../protocol/recording/recording.ts';
import { decoderOf } from './decode/decoder-of.ts';
import { visible } from './decode/visible.ts';
import type { WireDecoder } from './decode/wire-decoder.ts';
import { type Keyring, readKeyring } from './keyring.ts';
import { readRecording } from './read-recording.ts';

export interface ShowOptions {
  /** Only these wires; empty: all. */
  readonly inputs: readonly string[];
  readonly paths: readonly string[];
  /** From here, in ms of the recording, or since 1970. */
  readonly since?: { readonly ms: number } | { readonly wallMs: number };
  readonly keys?: string;
}

/** One line of the recording, ready to be printed. */
export interface ShownLine {
  readonly ms: number;
  readonly wire?: WireName;
  readonly text: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

interface ShowOut {
  line(line: ShownLine): Promise<boolean> | boolean;
  fault(text: string): void;
}

/**
 * Shows a recording frame by frame.
 *
 * @returns false if something of it could not be read
 * @throws CallpointError RECORDING_FAILED, CONFIG_UNREADABLE, CONFIG_INVALID
 */
export async function showRecording(file: string, options: ShowOptions, out: ShowOut): Promise<boolean> {
  const keys = options.keys === undefined ? undefined : readKeyring(options.keys);
  const shown = new Show(options, keys);
  let isWhole = true;
  const onFault = (line: number, reason: string) => {
    isWhole = false;
    out.fault(`${file}, line ${line}: ${visible(reason)}`);
  };
  for await (const entry of readRecording(file, onFault)) {
    for (const line of shown.entry(entry)) if (!(await out.line(line))) return isWhole;
  }
  return isWhole;
}

class Show {
  readonly #options: ShowOptions;
  readonly #keys: Keyring | undefined;
  readonly #decoders = new Map<string, WireDecoder>();
  readonly #drivers = new Map<string, string>();
  #beganMs = 0;

  constructor(options: ShowOptions, keys: Keyring | undefined) {
    this.#options = options;
    this.#keys = keys;
  }

  entry(entry: RecordingEntry): ShownLine[] {
    if (entry.type === 'header') {
      this.#beganMs = Date.parse(entry.began);
      const { began, gateway, version } = entry;
      const text = visible(`recording of ${began}, by Callpoint ${gateway}`);
      return [{ ms: 0, text, fields: { event: 'recording', began, gateway, version } }];
    }
    const lines = this.#lines(entry);
    const isWanted = entry.ms >= this.#sinceMs && ('id' in entry ? this.#shows(entry) : true);
    return isWanted ? lines : [];
  }

  get #sinceMs(): number {
    const { since } = this.#options;
    if (since === undefined) return 0;
    return 'ms' in since ? since.ms : since.wallMs - this.#beganMs;
  }

  #shows({ side, id }: WireName): boolean {
    const { inputs, paths } = this.#options;
    if (inputs.length === 0 && paths.length === 0) return true;
    return (side === 'input' ? inputs : paths).includes(id);
  }

  /** Frames that are not shown are decoded as well: the next one may continue them. */
  #lines(entry: Exclude<RecordingEntry, { type: 'header' }>): ShownLine[] {
    const { ms } = entry;
    switch (entry.type) {
      case 'wire': {
        const { driver, baudRate } = entry;
        this.#drivers.set(keyOf(entry), driver);
        this.#decoders.set(keyOf(entry), decoderOf(driver, entry.id, this.#keys));
        const speed = baudRate === undefined ? '' : `, ${baudRate} Bd`;
        return [
          { ms, wire: entry, text: visible(`is ${driver}${speed}`), fields: { event: 'wire', driver, baudRate } },
        ];
      }
      case 'frame':
        return this.#frame(entry);
      case 'connection': {
        const { connection, state } = entry;
        return [{ ms, wire: entry, text: `connection ${connection} ${state}`, fields: { event: state, connection } }];
      }
      case 'dropped': {
        const { frames } = entry;
        return [{ ms, wire: entry, text: `${frames} frames are missing here`, fields: { event: 'dropped', frames } }];
      }
      case 'gateway': {
        const { state } = entry;
        const text =
          state === 'lost' ? 'the gateway has gone: nothing is recorded until it is back' : 'the gateway is back';
        return [{ ms, text, fields: { event: `gateway ${state}` } }];
      }
      case 'end': {
        const { end, frames, dropped } = entry;
        return [
          {
            ms,
            text: `end (${end}): ${frames} frames, ${dropped} dropped`,
            fields: { event: 'end', end, frames, dropped },
          },
        ];
      }
    }
  }

  #frame(entry: FrameEntry): ShownLine[] {
    const { ms, direction, about, bytes } = entry;
    const key = keyOf(entry);
    const decoder = this.#decoders.get(key) ?? decoderOf('', entry.id, this.#keys);
    this.#decoders.set(key, decoder);
    const driver = this.#drivers.get(key);
    const connection = about.connection === undefined ? '' : ` ${about.connection}`;
    return decoder.decode(entry).map(({ text, fields }) => ({
      ms,
      wire: entry,
      text: `${direction === 'in' ? '<' : '>'}${connection} ${text}`,
      fields: { driver, direction, ...about, text, ...fields, bytes: bytesToHex(bytes) },
    }));
  }
}

function keyOf({ side, id }: WireName): string {
  return `${side} ${id}`;
}
