import { randomBytes } from 'node:crypto';
import type { BusLine } from '../nodes/bus-line.ts';
import type { WallNodeSettings } from '../nodes/wall-node.ts';
import { epochNow } from './site-file.ts';
import { cannotBefall, type DeviceFault, type Mark } from './wire.ts';

const LOW_BATTERY = { batteryMv: 2_100, lowBattery: true } as const;
const GOOD_BATTERY = { batteryMv: 3_000, lowBattery: false } as const;

/** What befalls the wall nodes of a line. */
export class NodeFaults {
  readonly #bus: BusLine;
  readonly #settingsOf: (device: string) => WallNodeSettings;
  readonly #lost = new Set<string>();
  /** Nodes that a fault befell. */
  readonly #touched = new Set<string>();
  #marks = 0;
  /** The last epoch of nodes that left the line. The next one must be higher. */
  readonly #epochs = new Map<string, number>();

  constructor(bus: BusLine, settingsOf: (device: string) => WallNodeSettings) {
    this.#bus = bus;
    this.#settingsOf = settingsOf;
  }

  /** True if the node has no power. */
  isLost(device: string): boolean {
    return this.#lost.has(device);
  }

  /** @throws RangeError */
  fault(device: string, fault: DeviceFault): void {
    const settings = this.#settingsOf(device);
    this.#touched.add(device);
    switch (fault.type) {
      case 'lowBattery':
        this.#bus.setPower(device, fault.isOn ? LOW_BATTERY : GOOD_BATTERY);
        break;
      case 'tamper':
        this.#bus.setTamper(device, fault.isOn);
        break;
      case 'reboot':
        this.#bus.restart(device);
        break;
      case 'replay':
        this.#bus.replay(device);
        break;
      case 'lost':
        if (!fault.isOn) this.#putOn(settings);
        else {
          this.takeOff(device);
          this.#lost.add(device);
        }
        break;
      case 'keyLost':
        this.#putOn(fault.isOn ? { ...settings, key: randomBytes(16) } : settings);
        break;
      case 'sameAddress':
        this.#putOn({ ...settings, address: this.#settingsOf(fault.as).address });
        break;
      default:
        throw cannotBefall(device, fault);
    }
  }

  /** A node without a fault measures its battery anew. */
  mark(devices: readonly string[]): Mark | undefined {
    const device = devices.find((each) => !this.#lost.has(each) && !this.#touched.has(each));
    if (device === undefined) return undefined;
    this.#marks += 1;
    const value = GOOD_BATTERY.batteryMv - this.#marks;
    this.#bus.setPower(device, { batteryMv: value, lowBattery: false });
    return { device, field: 'battery_mv', value };
  }

  /** Takes a node off the line, if it is there. */
  takeOff(device: string): void {
    if (this.#lost.delete(device)) return;
    this.#epochs.set(device, this.#bus.node(device).epoch);
    this.#bus.leave(device);
  }

  /** In place of the one that is there. */
  #putOn(settings: WallNodeSettings): void {
    this.takeOff(settings.id);
    const epoch = Math.max(epochNow(), settings.epoch, 1 + (this.#epochs.get(settings.id) ?? 0));
    this.#bus.join({ ...settings, epoch });
  }
}
