import { randomBytes } from 'node:crypto';
import { nodeAesCcm } from '../../device-sim/nodes/node-aes-ccm.ts';
import { sealFrame } from '../../protocol/button-bus/frame.ts';

interface BenchDevice {
  /** `p<line>a<address>`, which contestants without a configuration can tell from the wire too. */
  readonly id: string;
  readonly line: number;
  readonly address: number;
  readonly key: Uint8Array;
}

export interface SealedPress {
  /** Id of the alert that it raises. */
  readonly id: string;
  readonly line: number;
  readonly wire: Uint8Array;
}

/** The devices of a run, and the number of the next press of each. */
export class PressBook {
  readonly devices: readonly BenchDevice[];
  readonly #byId: ReadonlyMap<string, BenchDevice>;
  readonly #epoch = Math.floor(Date.now() / 1000);
  #presses = 0;

  constructor(lines: number, devicesPerLine: number) {
    this.devices = Array.from({ length: lines * devicesPerLine }, (_, index) => {
      const line = index % lines;
      const address = Math.floor(index / lines) + 1;
      return { id: `p${line}a${address}`, line, address, key: new Uint8Array(randomBytes(16)) };
    });
    this.#byId = new Map(this.devices.map((device) => [device.id, device]));
  }

  keyOf(line: number, address: number): Uint8Array | undefined {
    return this.#byId.get(`p${line}a${address}`)?.key;
  }

  /** Seals the next presses, of the devices in turn. */
  seal(count: number): SealedPress[] {
    return Array.from({ length: count }, () => {
      const { devices } = this;
      const device = devices[this.#presses % devices.length];
      if (device === undefined) throw new RangeError('no devices');
      const counter = Math.floor(this.#presses / devices.length) + 1;
      this.#presses += 1;
      const header = { address: device.address, epoch: this.#epoch, counter };
      const wire = sealFrame(nodeAesCcm, device.key, header, { type: 'press', button: 0, pattern: 'single' });
      return { id: `${device.id}.${this.#epoch}.${counter}`, line: device.line, wire };
    });
  }
}
