import { LONG_AGO_MS } from '../../../protocol/clocks.ts';
import { messageOf } from '../../../protocol/errors.ts';
import type { InputCounters } from '../../core/signal.ts';
import { monoMs } from '../../system/clock.ts';
import type { InputDriver, InputSink } from '../input-driver.ts';
import { ContactLines } from './contact-lines.ts';
import type { EdgeLines, EdgeListener } from './edge-lines.ts';
import { findChip } from './find-chip.ts';
import type { GpioChip } from './gpio-chip.ts';
import { allTroubles, GpioTrouble, goneTrouble, troublesText } from './gpio-trouble.ts';
import { type HeaderBoard, loadHeaderBoard } from './header-board.ts';
import { HeldLines } from './held-lines.ts';
import { LineFaults } from './line-faults.ts';
import { LINE_EVENT_BYTES } from './linux-gpio.ts';
import type { GpioSettings } from './settings.ts';
import { loadSystemCalls, type SystemCalls } from './system-calls.ts';

const FIRST_PROBE_MS = 250;
const SLOWEST_PROBE_MS = 2_000;
/** A line in use is tried again after this long at first, then ever more seldom. */
const FIRST_RETRY_MS = 250;
const RETRY_MS_MAX = 2_000;
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
 * The input driver of the lines of one GPIO chip. A line that is in use or not there takes only its
 * own contact or output down, and is tried again until it can be had. johnny-five has the board,
 * its pins and outputs; edges go straight from the kernel to the sink, with the kernel's own time.
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
  readonly #faults: LineFaults;
  /** Names of all lines, inputs first. */
  readonly #names: readonly string[];
  #parts: Parts | undefined;
  #loadingBoard: Promise<HeaderBoard> | undefined;
  #held: HeldLines | undefined;
  #chipTitle = '';
  #chipPath = '';
  #heldSinceMs = LONG_AGO_MS;
  #probeMs = FIRST_PROBE_MS;
  #probeTimer: NodeJS.Timeout | undefined;
  #rereadTimer: NodeJS.Timeout | undefined;
  #retryMs = FIRST_RETRY_MS;
  #retryTimer: NodeJS.Timeout | undefined;
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
    this.#faults = new LineFaults(settings, sink);
    this.#names = [...this.#contacts.lines.map(({ name }) => name), ...settings.outputs.map(({ pin }) => pin)];
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

  /** @throws GpioTrouble if there is no chip, or none of its lines can be had */
  #hold({ calls, board }: Parts): void {
    const chip = findChip(calls, this.#settings.chip, this.#names, this.#directory);
    const held = new HeldLines({
      calls,
      inputs: this.#contacts.lines,
      outputs: this.#settings.outputs.map(({ pin }) => pin),
      listenerOf: (group) => this.#listener(board, group),
      levelOf: (output) => board.io.levelOf(output),
    });
    try {
      const taken = held.take(chip);
      if (held.count === 0 && held.troubles.size > 0) throw allTroubles(chip.title, [...held.troubles.values()]);
      this.#begin(held, chip, board);
      this.#listen(held, taken);
    } catch (error) {
      held.close();
      throw error;
    } finally {
      chip.close();
    }
    if (this.#held === held) {
      this.#rereadTimer = setInterval(() => this.#reread(held), this.#settings.rereadMs);
      this.#retryMs = FIRST_RETRY_MS;
      this.#retryLater(held);
    }
  }

  #begin(held: HeldLines, { title, path }: GpioChip, { io }: HeaderBoard): void {
    this.#held = held;
    this.#chipTitle = title;
    this.#chipPath = path;
    this.#heldSinceMs = monoMs();
    this.#trouble = undefined;
    io.writer = (name, level) => held.write(name, level);
    this.#tellUp(held);
  }

  /** The levels first: a press must not wait for a fault. */
  #listen(held: HeldLines, taken: readonly EdgeLines[]): void {
    for (const lines of taken) lines.listen();
    if (this.#held === held) this.#faults.reportDevices(held.troubles);
  }

  #tellUp(held: HeldLines): void {
    const faults = troublesText([...held.troubles.values()].map(({ message }) => message));
    const but = faults === '' ? '' : `, but ${faults}`;
    const outputFaults = this.#faults.ofOutputs(held.troubles);
    this.#sink.health({
      input: this.id,
      state: 'up',
      detail: `${this.#chipTitle}, lines held: ${held.count}${but}`,
      ...(outputFaults.length === 0 ? {} : { outputFaults }),
    });
  }

  #retryLater(held: HeldLines): void {
    if (held.troubles.size === 0) return;
    this.#retryTimer = setTimeout(() => this.#retry(held), this.#retryMs);
    this.#retryMs = Math.min(RETRY_MS_MAX, this.#retryMs * 2);
  }

  /** The lines that are held are left as they are. */
  #retry(held: HeldLines): void {
    const parts = this.#parts;
    if (this.#held !== held || parts === undefined) return;
    const chip = this.#openAgain(parts);
    if (chip !== undefined && chip.path !== this.#chipPath) {
      // A chip with more of the lines was plugged in meanwhile.
      chip.close();
      this.#letGo();
      this.start();
      return;
    }
    try {
      if (chip !== undefined) this.#takeMore(held, chip);
    } catch (error) {
      this.#lose(messageOf(error));
    } finally {
      chip?.close();
    }
    if (this.#held === held) this.#retryLater(held);
  }

  #takeMore(held: HeldLines, chip: GpioChip): void {
    const before = held.count;
    const taken = held.take(chip);
    if (held.count > before) this.#retryMs = FIRST_RETRY_MS;
    this.#listen(held, taken);
    if (this.#held === held) this.#tellUp(held);
  }

  #openAgain({ calls }: Parts): GpioChip | undefined {
    try {
      return findChip(calls, this.#settings.chip, this.#names, this.#directory);
    } catch {
      // If the chip is gone, the lines that are held find out. The faults of the others stand.
      return undefined;
    }
  }

  #listener({ io }: HeaderBoard, group: readonly number[]): EdgeListener {
    const names = group.map((line) => this.#contacts.lines[line]?.name ?? '');
    const lines = new Set(group);
    return {
      edge: (index, level, atMs) => {
        this.#sink.tap?.recorder?.level(names[index] ?? '', level, atMs);
        this.#contacts.edge(group[index] ?? -1, level, atMs);
        io.changed(names[index] ?? '', level);
      },
      levels: (atMs, values) => {
        for (const [index, line] of group.entries()) this.#contacts.setLevel(line, values.level(index));
        this.#contacts.tellAll(lines, atMs);
        for (const [index, name] of names.entries()) io.changed(name, values.level(index));
        const recorder = this.#sink.tap?.recorder;
        if (recorder !== undefined)
          for (const [index, name] of names.entries()) recorder.level(name, values.level(index), atMs);
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
    clearTimeout(this.#retryTimer);
    this.#contacts.forget();
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
