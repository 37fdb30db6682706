import { biasFlag } from './contact-levels.ts';
import { EdgeLines, type EdgeListener } from './edge-lines.ts';
import type { GpioChip } from './gpio-chip.ts';
import { type InputLine, requestGroups } from './input-lines.ts';
import { type Level, LINE_FLAG, LINES_MAX } from './linux-gpio.ts';
import { OutputLines } from './output-lines.ts';
import type { SystemCalls } from './system-calls.ts';

const INPUT_FLAGS = LINE_FLAG.INPUT | LINE_FLAG.EDGE_RISING | LINE_FLAG.EDGE_FALLING;

interface OutputPlace {
  readonly lines: OutputLines;
  readonly index: number;
}

/** All lines this process holds of one chip. */
export class HeldLines {
  readonly #inputs: EdgeLines[] = [];
  readonly #outputs: OutputLines[] = [];
  readonly #outputPlaces = new Map<string, OutputPlace>();

  /**
   * @param listenerOf makes the listener of one request; `group`: its lines, as indices into
   *   `inputs`
   * @param outputs with the level each begins with
   * @throws GpioTrouble; then nothing is held
   */
  constructor(
    calls: SystemCalls,
    chip: GpioChip,
    inputs: readonly InputLine[],
    listenerOf: (group: readonly number[]) => EdgeListener,
    outputs: ReadonlyMap<string, Level>,
  ) {
    try {
      for (const group of requestGroups(inputs)) this.#takeInputs(calls, chip, inputs, group, listenerOf(group));
      const all = [...outputs];
      for (let from = 0; from < all.length; from += LINES_MAX) {
        this.#takeOutputs(calls, chip, all.slice(from, from + LINES_MAX));
      }
    } catch (error) {
      this.close();
      throw error;
    }
  }

  /** Edges heard, and edges lost for want of room, since these lines are held. */
  get edges(): { readonly heard: number; readonly lost: number } {
    let heard = 0;
    let lost = 0;
    for (const lines of this.#inputs) {
      heard += lines.heard;
      lost += lines.lostEdges;
    }
    return { heard, lost };
  }

  listen(): void {
    for (const lines of this.#inputs) lines.listen();
  }

  /**
   * Reads all levels anew. @throws SystemError if the chip is gone and there is no listener to
   * report it to
   */
  reread(): void {
    for (const lines of this.#inputs) lines.reread();
    for (const lines of this.#outputs) lines.prove();
  }

  /** @throws SystemError if the chip is gone */
  write(name: string, level: Level): void {
    const place = this.#outputPlaces.get(name);
    place?.lines.write(place.index, level);
  }

  /** May be called twice. */
  close(): void {
    for (const lines of [...this.#inputs, ...this.#outputs]) lines.close();
  }

  #takeInputs(
    calls: SystemCalls,
    chip: GpioChip,
    inputs: readonly InputLine[],
    group: readonly number[],
    listener: EdgeListener,
  ): void {
    const lines = group.flatMap((index) => inputs[index] ?? []);
    const names = lines.map(({ name }) => name);
    const fd = chip.request(names, INPUT_FLAGS | biasFlag(lines[0]?.pull ?? 'none'));
    const offsets = names.map((name) => chip.offset(name));
    this.#inputs.push(new EdgeLines(calls, fd, offsets, listener));
  }

  #takeOutputs(calls: SystemCalls, chip: GpioChip, outputs: readonly (readonly [string, Level])[]): void {
    const names = outputs.map(([name]) => name);
    const levels = outputs.map(([, level]) => level);
    const lines = new OutputLines(calls, chip.request(names, LINE_FLAG.OUTPUT, levels));
    this.#outputs.push(lines);
    for (const [index, name] of names.entries()) this.#outputPlaces.set(name, { lines, index });
  }
}
