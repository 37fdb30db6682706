import { addressBytes } from '../../protocol/ble/address.ts';
import type { ByteDuplex } from '../byte-duplex.ts';
import { type Random, seededRandom } from '../random.ts';
import { HciCommandScanner } from './hci-command-scanner.ts';

/**
 * Types of advertising PDUs: the event types of the report (Core Specification, vol. 4 part E
 * §7.7.65.2).
 */
const ADVERTISING_TYPES = { connectable: 0x00, direct: 0x01, scannable: 0x02, nonConnectable: 0x03 } as const;

export interface Advertisement {
  /** For example `54:48:E6:8F:80:A5`. */
  readonly address: string;
  /** Default random. */
  readonly addressType?: 'public' | 'random';
  /** Default non-connectable. */
  readonly type?: keyof typeof ADVERTISING_TYPES;
  /** At most 31 bytes. */
  readonly data: Uint8Array;
  /** Scan response of connectable and scannable advertisements. */
  readonly scanResponse?: Uint8Array;
  /** Default −60. */
  readonly rssiDbm?: number;
}

interface ControllerFaults {
  /** The controller hears nothing but still answers commands. */
  readonly jammed: boolean;
  /** The controller accepts commands, answers none and reports nothing. */
  readonly stalled: boolean;
  /** Share of advertisements lost, 0…1, drawn for each one separately. */
  readonly loss: number;
}

interface ControllerSettings {
  /** The same seed loses the same advertisements. */
  readonly seed: number;
  /** Default C0:FF:EE:00:00:01. */
  readonly address?: string;
}

const EVENT = 0x04;
const COMMAND_COMPLETE = 0x0e;
const LE_META = 0x3e;
const ADVERTISING_REPORT = 0x02;
const SCAN_RESPONSE = 0x04;
const DEFAULT_ADDRESS = 'C0:FF:EE:00:00:01';
const DEFAULT_RSSI_DBM = -60;

/** Commands by opcode (vol. 4 part E §7). */
const RESET = 0x0c03;
const READ_LOCAL_VERSION = 0x1001;
const READ_BUFFER_SIZE = 0x1005;
const READ_BD_ADDR = 0x1009;
const READ_LE_HOST_SUPPORT = 0x0c6c;
const LE_READ_BUFFER_SIZE = 0x2002;
const LE_SET_SCAN_PARAMETERS = 0x200b;
const LE_SET_SCAN_ENABLE = 0x200c;

/** Reports Bluetooth 5.0 as HCI and LMP version, and one command credit. */
const VERSION = Uint8Array.of(0x00, 0x09, 0, 0, 0x09, 0x0f, 0, 0, 0);
const BUFFER_SIZE = Uint8Array.of(0x00, 0xfb, 0, 0xff, 8, 0, 8, 0);
const LE_BUFFER_SIZE = Uint8Array.of(0x00, 0xfb, 0, 8);
const DONE = Uint8Array.of(0x00);

/**
 * A Bluetooth LE controller at the far end of a serial line. The host talks to it over HCI with H4
 * framing (vol. 4 part A). It only scans.
 */
export class HciController {
  /** Opcodes in the order of their arrival. */
  readonly commands: number[] = [];
  readonly #settings: ControllerSettings;
  readonly #random: Random;
  readonly #commandListeners = new Set<(opcode: number) => void>();
  #faults: ControllerFaults = { jammed: false, stalled: false, loss: 0 };
  #duplex: ByteDuplex | undefined;
  #stopListening: (() => void) | undefined;
  #scanning = false;
  #active = false;
  #filterDuplicates = false;
  readonly #seen = new Set<string>();

  constructor(settings: ControllerSettings) {
    this.#settings = settings;
    this.#random = seededRandom(settings.seed);
  }

  get isScanning(): boolean {
    return this.#scanning;
  }

  /**
   * Plugs the controller into this cable and unplugs it from its old one. It then starts as after
   * power-on.
   */
  attach(duplex: ByteDuplex): void {
    this.detach();
    this.#duplex = duplex;
    const scanner = new HciCommandScanner();
    this.#stopListening = duplex.onData((bytes) => {
      if (this.#faults.stalled) return;
      for (const { opcode, parameters } of scanner.push(bytes)) this.#command(opcode, parameters);
    });
  }

  detach(): void {
    this.#stopListening?.();
    this.#stopListening = undefined;
    this.#duplex = undefined;
    this.#powerOn();
  }

  /** Sets the given faults and leaves the others unchanged. */
  fault(faults: Partial<ControllerFaults>): void {
    this.#faults = { ...this.#faults, ...faults };
  }

  /** Returns a function that removes the listener. */
  onCommand(listener: (opcode: number) => void): () => void {
    this.#commandListeners.add(listener);
    return () => this.#commandListeners.delete(listener);
  }

  /** Takes one advertisement from the air. Returns true if it was reported to the host. */
  hear(advertisement: Advertisement): boolean {
    const { jammed, stalled, loss } = this.#faults;
    if (!this.#scanning || jammed || stalled) return false;
    // An impossible fault draws no random number. A fault that is added later leaves the rest of a
    // seeded run unchanged.
    if (loss > 0 && this.#random() < loss) return false;
    const type = ADVERTISING_TYPES[advertisement.type ?? 'nonConnectable'];
    if (this.#filterDuplicates) {
      const key = `${advertisement.address} ${type}`;
      if (this.#seen.has(key)) return false;
      this.#seen.add(key);
    }
    this.#report(type, advertisement, advertisement.data);
    const answers = type === ADVERTISING_TYPES.connectable || type === ADVERTISING_TYPES.scannable;
    if (advertisement.scanResponse !== undefined && this.#active && answers) {
      this.#report(SCAN_RESPONSE, advertisement, advertisement.scanResponse);
    }
    return true;
  }

  #report(type: number, { address, addressType, rssiDbm }: Advertisement, data: Uint8Array): void {
    const rssi = (rssiDbm ?? DEFAULT_RSSI_DBM) & 0xff;
    const head = [ADVERTISING_REPORT, 1, type, addressType === 'public' ? 0 : 1, ...wireAddress(address), data.length];
    this.#event(LE_META, Uint8Array.of(...head, ...data, rssi));
  }

  #command(opcode: number, parameters: Uint8Array): void {
    this.commands.push(opcode);
    this.#complete(opcode, this.#carryOut(opcode, parameters));
    for (const listener of this.#commandListeners) listener(opcode);
  }

  #carryOut(opcode: number, parameters: Uint8Array): Uint8Array {
    switch (opcode) {
      case RESET:
        this.#powerOn();
        return DONE;
      case READ_LOCAL_VERSION:
        return VERSION;
      case READ_BUFFER_SIZE:
        return BUFFER_SIZE;
      case READ_BD_ADDR:
        return Uint8Array.of(0, ...wireAddress(this.#settings.address ?? DEFAULT_ADDRESS));
      case READ_LE_HOST_SUPPORT:
        return Uint8Array.of(0, 1, 0);
      case LE_READ_BUFFER_SIZE:
        return LE_BUFFER_SIZE;
      case LE_SET_SCAN_PARAMETERS:
        this.#active = parameters[0] === 1;
        return DONE;
      case LE_SET_SCAN_ENABLE:
        this.#scanning = parameters[0] === 1;
        this.#filterDuplicates = parameters[1] === 1;
        this.#seen.clear();
        return DONE;
      default:
        // Event masks and similar commands. Nothing here depends on them.
        return DONE;
    }
  }

  #complete(opcode: number, result: Uint8Array): void {
    this.#event(COMMAND_COMPLETE, Uint8Array.of(1, opcode & 0xff, opcode >> 8, ...result));
  }

  #event(code: number, parameters: Uint8Array): void {
    this.#duplex?.write(Uint8Array.of(EVENT, code, parameters.length, ...parameters));
  }

  #powerOn(): void {
    this.#scanning = false;
    this.#active = false;
    this.#filterDuplicates = false;
    this.#seen.clear();
  }
}

/**
 * Reads the address with the least significant byte first.
 * @throws RangeError
 */
function wireAddress(address: string): Uint8Array {
  const bytes = addressBytes(address);
  if (bytes === undefined) throw new RangeError(`${address} is no Bluetooth address`);
  return bytes.reverse();
}
