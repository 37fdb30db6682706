import { openFrame, type ParsedFrame } from '../../protocol/button-bus/frame.ts';
import type { BusLine } from '../nodes/bus-line.ts';
import { nodeAesCcm } from '../nodes/node-aes-ccm.ts';
import type { Identity } from '../nodes/wall-node.ts';
import type { SimulatedNode } from './site-file.ts';

interface Waiting {
  readonly device: string;
  readonly button: number;
  readonly numbered: (alert: string | undefined) => void;
}

/** Hears on a line which numbers the nodes give their presses. */
export class PressNumbers {
  readonly #nodes: () => readonly SimulatedNode[];
  /** The newest press of each node. An enquiry about an older one is none. */
  readonly #newest = new Map<string, Identity>();
  #waiting: Waiting[] = [];

  constructor(bus: BusLine, nodes: () => readonly SimulatedNode[]) {
    this.#nodes = nodes;
    bus.onFrame((frame, isUp) => {
      if (isUp) this.#sent(frame);
    });
  }

  /** The alert of the next press that the node sends for this button. */
  next(device: string, button: number, withinMs: number): Promise<string | undefined> {
    return new Promise((resolve) => {
      const waiting = { device, button, numbered: resolve };
      this.#waiting.push(waiting);
      const giveUp = () => {
        this.#waiting = this.#waiting.filter((each) => each !== waiting);
        resolve(undefined);
      };
      setTimeout(giveUp, withinMs).unref();
    });
  }

  #sent(frame: ParsedFrame): void {
    const { address, epoch, counter } = frame.header;
    const node = this.#nodes().find(({ settings }) => settings.address === address);
    const message = node && openFrame(nodeAesCcm, node.settings.key, frame);
    if (node === undefined || message?.type !== 'press') return;
    const { id } = node.settings;
    const newest = this.#newest.get(id);
    if (newest !== undefined && (epoch < newest.epoch || (epoch === newest.epoch && counter <= newest.counter))) return;
    this.#newest.set(id, { epoch, counter });
    const waiting = this.#waiting.find(({ device, button }) => device === id && button === message.button);
    this.#waiting = this.#waiting.filter((each) => each !== waiting);
    waiting?.numbered(`${id}.${epoch}.${counter}`);
  }
}
