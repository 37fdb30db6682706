import { biasFlag } from './contact-levels.ts';
import { EdgeLines, type EdgeListener } from './edge-lines.ts';
import type { GpioChip } from './gpio-chip.ts';
import { GpioTrouble } from './gpio-trouble.ts';
import { type InputLine, requestGroups } from './input-lines.ts';
import { type Level, LINE_FLAG, LINES_MAX } from './linux-gpio.ts';
import { OutputLines } from './output-lines.ts';
import type { SystemCalls } from './system-calls.ts';

const INPUT_FLAGS = LINE_FLAG.INPUT | LINE_FLAG.EDGE_RISING | LINE_FLAG.EDGE_FALLING;

interface OutputPlace {
  readonly lines: OutputLines;
  readonly index: number;
}

interface HeldLinesDeps {
  readonly calls: SystemCalls;
  readonly inputs: readonly InputLine[];
  /** Names of lines. */
  readonly outputs: readonly string[];
  /** Makes the listener of one request; `group`: its lines, as indices into `inputs`. */
  listenerOf(group: readonly number[]): EdgeListener;
  /** Level that an output begins with. */
  levelOf(output: string): Level;
}

/**
 * All lines this process holds of one chip, and why it does not hold the others.
 *
 * The kernel refuses a request as a whole if one of its lines is in use. So the lines that are free
 * share a request, in which the kernel keeps their edges in order; a line that was in use gets a
 * request of its own once it is free, and no other line is disturbed by that.
 */
export class HeldLines {
  readonly #deps: HeldLinesDeps;
  readonly #inputs: EdgeLines[] = [];
  readonly #outputs: OutputLines[] = [];
  readonly #outputPlaces = new Map<string, OutputPlace>();
  readonly #heldInputs = new Set<number>();
  readonly #troubles = new Map<string, GpioTrouble>();

  constructor(deps: HeldLinesDeps) {
    this.#deps = deps;
  }

  /** Number of lines that are held. */
  get count(): number {
    return this.#heldInputs.size + this.#outputPlaces.size;
  }

  /** Why each line that is not held is not, by its name. */
  get troubles(): ReadonlyMap<string, GpioTrouble> {
    return this.#troubles;
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

  /**
   * Takes the missing lines that are free. Returns the new input lines, to which the caller must
   * listen.
   *
   * @throws GpioTrouble if the chip is gone
   */
  take(chip: GpioChip): readonly EdgeLines[] {
    this.#troubles.clear();
    const { inputs, outputs } = this.#deps;
    const owners = new Map<number, string>();
    const usable = (name: string): boolean => this.#claim(chip, name, owners);
    const wantedInputs = [...inputs.keys()].filter(
      (index) => usable(inputs[index]?.name ?? '') && !this.#heldInputs.has(index),
    );
    const wantedOutputs = outputs.filter((name) => usable(name) && !this.#outputPlaces.has(name));
    const before = this.#inputs.length;
    const isFree = (name: string): boolean => !chip.isUsed(chip.offset(name) ?? -1);
    const freeInputs = wantedInputs.filter((index) => isFree(inputs[index]?.name ?? ''));
    for (const group of requestGroups(inputs, freeInputs)) this.#takeInputs(chip, group);
    for (const index of wantedInputs) if (!freeInputs.includes(index)) this.#takeInputs(chip, [index]);
    const freeOutputs = wantedOutputs.filter(isFree);
    for (let from = 0; from < freeOutputs.length; from += LINES_MAX) {
      this.#takeOutputs(chip, freeOutputs.slice(from, from + LINES_MAX));
    }
    for (const name of wantedOutputs) if (!freeOutputs.includes(name)) this.#takeOutputs(chip, [name]);
    return this.#inputs.slice(before);
  }

  /**
   * Reads all levels anew. @throws SystemError if the chip is gone and there is no listener to
   * report it to
   */
  reread(): void {
    for (const lines of this.#inputs) lines.reread();
    for (const lines of this.#outputs) lines.prove();
  }

  /**
   * Does nothing for a line that is not held: such a line gets its level when it is taken.
   * @throws SystemError if the chip is gone
   */
  write(name: string, level: Level): void {
    const place = this.#outputPlaces.get(name);
    place?.lines.write(place.index, level);
  }

  /** May be called twice. */
  close(): void {
    for (const lines of [...this.#inputs, ...this.#outputs]) lines.close();
  }

  /** False, with the trouble noted, if the chip has no such line or another name took it before. */
  #claim(chip: GpioChip, name: string, owners: Map<number, string>): boolean {
    const offset = chip.offset(name);
    if (offset === undefined) {
      this.#troubles.set(name, chip.missingTrouble(name));
      return false;
    }
    const owner = owners.get(offset);
    if (owner === undefined) {
      owners.set(offset, name);
      return true;
    }
    const what =
      name === owner
        ? `${name} is used twice: give each contact and output a line of its own`
        : `${name} is line ${offset}, which ${owner} is already: give each contact and output its own`;
    this.#troubles.set(name, new GpioTrouble('lines', what));
    return false;
  }

  #takeInputs(chip: GpioChip, group: readonly number[]): void {
    const { calls, inputs, listenerOf } = this.#deps;
    const lines = group.flatMap((index) => inputs[index] ?? []);
    const names = lines.map(({ name }) => name);
    this.#apart(group, names, (some, called) => {
      const offsets = called.map((name) => chip.offset(name) ?? -1);
      const fd = chip.request(offsets, called, INPUT_FLAGS | biasFlag(lines[0]?.pull ?? 'none'));
      this.#inputs.push(new EdgeLines(calls, fd, offsets, listenerOf(some)));
      for (const index of some) this.#heldInputs.add(index);
    });
  }

  #takeOutputs(chip: GpioChip, names: readonly string[]): void {
    this.#apart(names, names, (some) => {
      const levels = some.map((name) => this.#deps.levelOf(name));
      const offsets = some.map((name) => chip.offset(name) ?? -1);
      const fd = chip.request(offsets, some, LINE_FLAG.OUTPUT, levels);
      const lines = new OutputLines(this.#deps.calls, fd);
      this.#outputs.push(lines);
      for (const [index, name] of some.entries()) this.#outputPlaces.set(name, { lines, index });
    });
  }

  /** Takes lines together, or, where the kernel refuses that, each by itself. */
  #apart<T>(
    lines: readonly T[],
    names: readonly string[],
    take: (lines: readonly T[], names: readonly string[]) => void,
  ): void {
    try {
      take(lines, names);
    } catch (error) {
      if (!(error instanceof GpioTrouble) || error.kind === 'absent') throw error;
      if (lines.length === 1) this.#troubles.set(names[0] ?? '', error);
      else for (const [index, line] of lines.entries()) this.#apart([line], names.slice(index, index + 1), take);
    }
  }
}
