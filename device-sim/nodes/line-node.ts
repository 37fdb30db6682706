import type { Random } from '../random.ts';
import type { Led } from './press-watch.ts';
import type { NodeInput, NodeStep, WallNodeSettings } from './wall-node.ts';

/** A node on a line: the simulated one in TypeScript, or a machine that runs the firmware. */
export interface LineNode {
  readonly settings: WallNodeSettings;
  readonly epoch: number;
  readonly led: Led;
  /** A press has no number yet when the button closes: the firmware debounces it. */
  readonly numbersLater?: boolean;
  /** @throws RangeError if the node has no such button or point */
  step(input: NodeInput, nowMs: number): NodeStep;
  /**
   * Every frame on the line, with its delimiters. Absent: `step` gets the frames to its address.
   */
  hear?(wire: Uint8Array, nowMs: number): NodeStep;
}

/** @throws CallpointError USAGE if there can be no such node */
export type MakeNode = (settings: WallNodeSettings, random: Random, baudRate: number) => LineNode;
