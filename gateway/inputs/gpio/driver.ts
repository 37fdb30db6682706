import { LONG_AGO_MS } from '../../../protocol/clocks.ts';
import { messageOf } from '../../../protocol/errors.ts';
import type { InputCounters } from '../../core/signal.ts';
import { monoMs } from '../../system/clock.ts';
import type { InputDriver, InputSink } from '../input-driver.ts';
import { ContactLines } from './contact-lines.ts';
import type { EdgeListener } from './edge-lines.ts';
import { findChip } from './find-chip.ts';
import { GpioTrouble, goneTrouble } from './gpio-trouble.ts';
import { type HeaderBoard, loadHeaderBoard } from './header-board.ts';
import { HeldLines } from './held-lines.ts';
import { type Level, LINE_EVENT_BYTES } from './linux-gpio.ts';
import type { GpioSettings } from './settings.ts';
import { loadSystemCalls, type SystemCalls } from './system-calls.ts';

const FIRST_PROBE_MS = 250;
const SLOWEST_PROBE_MS = 2_000;
/** A chip that was held this long was well: its next loss is probed quickly again. */
const WELL_MS = 5_000;

export interface GpioCounters extends InputCounters {
  /** Edges for which the kernel had no room, counted by the gaps in its sequence numbers. */
  readonly edgesLost: number;
}

export interface GpioDriver extends InputDriver {
  counters(): GpioCounters;
  output(output: string, on: boolean): void;
}

/**
 * The input driver of the lines of one GPIO chip. johnny-five has the board, its pins and outputs;
 * edges go straight from the kernel to the sink, with the kernel's own time.
 *
 * @param directory where the chips' device files are; default `/dev`
 */
export function createGpioDriver(settings: GpioSettings, sink: InputSink, directory?: string): GpioDriver {
  return new ChipDriver(settings, sink, directory);
}

interface Parts {
  readonly calls: SystemCalls;
  readonly board: HeaderBoard;
}

class ChipDriver implements GpioDriver {
  readonly id: string;
  readonly #settings: GpioSettings;
  readonly #sink: InputSink;
  readonly #directory: string | undefined;
  readonly #contacts: ContactLines;
  #parts: Parts | undefined;
  #loadingBoard: Promise<HeaderBoard> | undefined;
  #held: HeldLines | undefined;
  #chipTitle = '';
  #heldSinceMs = LONG_AGO_MS;
  #probeMs = FIRST_PROBE_MS;
  #probeTimer: NodeJS.Timeout | undefined;
  #rereadTimer: NodeJS.Timeout | undefined;
  #probing: Promise<void> = Promise.resolve();
  #trouble: GpioTrouble['kind'] | undefined;
  #stopped = false;
  #heardBefore = 0;
  #lostBefore = 0;

  constructor(settings: GpioSettings, sink: InputSink, directory: string | undefined) {
    this.id = settings.id;
    this.#settings = settings;
    this.#sink = sink;
    this.#directory = directory;
    this.#contacts = new ContactLines(settings.id, settings.contacts, sink);
  }

  start(): void {
    this.#probing = this.#probe();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#probeTimer);
    this.#letGo();
    await this.#probing;
  }

  output(output: string, on: boolean): void {
    if (this.#held === undefined) return;
    try {
      this.#parts?.board.outputs.set(output, on);
    } catch (error) {
      this.#lose(messageOf(error));
    }
  }

  counters(): GpioCounters {
    const { heard, lost } = this.#held?.edges ?? { heard: 0, lost: 0 };
    const framesHeard = this.#heardBefore + heard;
    return {
      framesHeard,
      framesRejected: 0,
      bytesRead: framesHeard * LINE_EVENT_BYTES,
      edgesLost: this.#lostBefore + lost,
    };
  }

  async #probe(): Promise<void> {
    try {
      this.#parts ??= await this.#loadParts();
      if (!this.#stopped) this.#hold(this.#parts);
    } catch (error) {
      this.#report(error instanceof GpioTrouble ? error : new GpioTrouble('failed', messageOf(error)));
      this.#probeLater();
    }
  }

  /** @throws GpioTrouble */
  async #loadParts(): Promise<Parts> {
    try {
      const calls = await loadSystemCalls();
      // Once: johnny-five keeps every board it has seen.
      this.#loadingBoard ??= loadHeaderBoard(this.#settings);
      return { calls, board: await this.#loadingBoard };
    } catch (error) {
      throw new GpioTrouble('library', `GPIO can't be used on this machine: ${messageOf(error)}`);
    }
  }

  #probeLater(): void {
    if (this.#stopped) return;
    this.#probeTimer = setTimeout(() => this.start(), this.#probeMs);
    this.#probeMs = Math.min(SLOWEST_PROBE_MS, this.#probeMs * 2);
  }

  /** @throws GpioTrouble */
  #hold({ calls, board }: Parts): void {
    const contacts = this.#contacts;
    const settings = this.#settings;
    const outputs = new Map(settings.outputs.map(({ pin }): [string, Level] => [pin, board.io.levelOf(pin)]));
    const names = [...contacts.lines.map(({ name }) => name), ...outputs.keys()];
    const chip = findChip(calls, settings.chip, names, this.#directory);
    let held: HeldLines;
    try {
      held = new HeldLines(calls, chip, contacts.lines, (group) => this.#listener(board, group), outputs);
    } finally {
      chip.close();
    }
    this.#held = held;
    this.#chipTitle = chip.title;
    this.#heldSinceMs = monoMs();
    this.#trouble = undefined;
    board.io.writer = (name, level) => held.write(name, level);
    this.#sink.health({ input: this.id, state: 'up', detail: `${chip.title}, lines held: ${names.length}` });
    held.listen();
    if (this.#held === held) this.#rereadTimer = setInterval(() => this.#reread(held), settings.rereadMs);
  }

  #listener({ io }: HeaderBoard, group: readonly number[]): EdgeListener {
    const names = group.map((line) => this.#contacts.lines[line]?.name ?? '');
    const lines = new Set(group);
    return {
      edge: (index, level, atMs) => {
        this.#contacts.edge(group[index] ?? -1, level, atMs);
        io.changed(names[index] ?? '', level);
      },
      levels: (atMs, values) => {
        for (const [index, line] of group.entries()) this.#contacts.setLevel(line, values.level(index));
        this.#contacts.tellAll(lines, atMs);
        for (const [index, name] of names.entries()) io.changed(name, values.level(index));
      },
      lost: (reason) => this.#lose(reason),
    };
  }

  #reread(held: HeldLines): void {
    try {
      held.reread();
    } catch (error) {
      this.#lose(messageOf(error));
    }
  }

  #lose(reason: string): void {
    if (this.#held === undefined) return;
    if (monoMs() - this.#heldSinceMs >= WELL_MS) this.#probeMs = FIRST_PROBE_MS;
    this.#letGo();
    this.#report(goneTrouble(this.#chipTitle, reason));
    this.#probeLater();
  }

  /**
   * All outputs off, all lines free; what is written until there is a chip again is remembered as
   * off.
   */
  #letGo(): void {
    clearInterval(this.#rereadTimer);
    const held = this.#held;
    const parts = this.#parts;
    this.#held = undefined;
    if (held === undefined || parts === undefined) return;
    try {
      parts.board.outputs.allOff();
    } catch {
      // The chip is gone, and its outputs with it: off again without it, for the day it is back.
      parts.board.io.writer = undefined;
      parts.board.outputs.allOff();
    }
    parts.board.io.writer = undefined;
    const { heard, lost } = held.edges;
    this.#heardBefore += heard;
    this.#lostBefore += lost;
    held.close();
  }

  #report(trouble: GpioTrouble): void {
    if (this.#stopped || this.#trouble === trouble.kind) return;
    this.#trouble = trouble.kind;
    this.#sink.health({ input: this.id, state: 'down', detail: trouble.message });
  }
}
