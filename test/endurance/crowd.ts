import type { Advertisement, HciController } from '../../device-sim/ble/hci-controller.ts';
import { type Random, randomBelow } from '../../device-sim/random.ts';
import { addressBytes } from '../../protocol/ble/address.ts';
import {
  AD_MANUFACTURER,
  composeAdvertisingData,
  GENERAL_DISCOVERABLE,
  serviceData,
} from '../../protocol/ble/advertising-data.ts';
import { BTHOME_UUID, composeObjects, composePlain } from '../../protocol/ble/bthome.ts';
import { composeEddystoneUid, EDDYSTONE_UUID } from '../../protocol/ble/eddystone.ts';
import { composeIBeacon } from '../../protocol/ble/i-beacon.ts';

const MEMBERS = 100;
const TICK_MS = 20;
/** Shortest and longest time until a telephone changes its address. */
const LIFE_MS = [60_000, 240_000] as const;
/** Interval between two presses of foreign buttons, each with another address. */
const STRANGER_PRESS_MS = 45_000;
/** Service data of exposure notifications. */
const EXPOSURE_UUID = 0xfd6f;

interface Member {
  address: string;
  data: Uint8Array;
  untilMs: number;
}

/**
 * The telephones, watches and beacons of other people around one radio: a given number of
 * advertisements per second, from addresses that change.
 */
export class Crowd {
  readonly #controller: HciController;
  readonly #random: Random;
  readonly #members: Member[];
  readonly #perSecond: number;
  #timer: NodeJS.Timeout | undefined;
  #next = 0;
  #strangerDueMs = performance.now() + STRANGER_PRESS_MS;
  #addresses = 0;
  #sent = 0;

  constructor(controller: HciController, perSecond: number, random: Random) {
    this.#controller = controller;
    this.#perSecond = perSecond;
    this.#random = random;
    this.#members = Array.from({ length: MEMBERS }, (_, index) => this.#newMember(index));
  }

  /** Returns the number of addresses that have advertised so far. */
  get addresses(): number {
    return this.#addresses;
  }

  /** Returns the number of advertisements that the radio has heard so far. */
  get heard(): number {
    return this.#sent;
  }

  start(): void {
    const startMs = performance.now();
    let due = 0;
    this.#timer = setInterval(() => {
      // The clock decides: the next timer makes up for a late one.
      const wanted = ((performance.now() - startMs) / 1000) * this.#perSecond;
      for (; due < wanted; due++) this.#advertise();
    }, TICK_MS);
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #advertise(): void {
    const nowMs = performance.now();
    if (nowMs >= this.#strangerDueMs) {
      this.#strangerDueMs = nowMs + STRANGER_PRESS_MS;
      this.#hear({ address: this.#newAddress(), data: bthome({ packetId: 1, buttons: ['single'] }) });
      return;
    }
    const index = this.#next;
    this.#next = (this.#next + 1) % this.#members.length;
    const member = this.#members[index];
    if (member === undefined) return;
    if (nowMs >= member.untilMs) this.#members[index] = this.#newMember(index);
    this.#hear(this.#members[index] ?? member);
  }

  #hear({ address, data }: Pick<Advertisement, 'address' | 'data'>): void {
    const rssiDbm = -50 - randomBelow(this.#random, 45);
    if (this.#controller.hear({ address, data, type: 'connectable', rssiDbm })) this.#sent += 1;
  }

  #newMember(index: number): Member {
    const [least, most] = LIFE_MS;
    const untilMs = performance.now() + least + this.#random() * (most - least);
    return { address: this.#newAddress(), data: this.#words(index), untilMs };
  }

  #newAddress(): string {
    this.#addresses += 1;
    const bytes = [0x40 | randomBelow(this.#random, 0x40), ...this.#bytes(5)];
    const address = bytes.map((byte) => byte.toString(16).padStart(2, '0').toUpperCase()).join(':');
    if (addressBytes(address) === undefined) throw new RangeError(address);
    return address;
  }

  /** Most are telephones; some are foreign beacons and sensors. */
  #words(index: number): Uint8Array {
    switch (index % 20) {
      case 0:
        return bthome({ packetId: index, batteryPercent: 50 + (index % 50) });
      case 1:
      case 2: {
        const iBeacon = { uuid: hex(this.#bytes(16)), major: index, minor: 1, powerDbm: -59 };
        return composeAdvertisingData([
          GENERAL_DISCOVERABLE,
          { type: AD_MANUFACTURER, value: composeIBeacon(iBeacon) },
        ]);
      }
      case 3: {
        const uid = { namespace: hex(this.#bytes(10)), instance: hex(this.#bytes(6)), powerDbm: -59 };
        return composeAdvertisingData([GENERAL_DISCOVERABLE, serviceData(EDDYSTONE_UUID, composeEddystoneUid(uid))]);
      }
      case 4:
      case 5:
        return composeAdvertisingData([serviceData(EXPOSURE_UUID, Uint8Array.from(this.#bytes(20)))]);
      default: {
        // Apple's "nearby": its bytes change with the address.
        const value = Uint8Array.from([0x4c, 0x00, 0x10, 0x05, ...this.#bytes(5)]);
        return composeAdvertisingData([GENERAL_DISCOVERABLE, { type: AD_MANUFACTURER, value }]);
      }
    }
  }

  #bytes(count: number): number[] {
    return Array.from({ length: count }, () => randomBelow(this.#random, 256));
  }
}

function bthome(message: Parameters<typeof composeObjects>[0]): Uint8Array {
  const data = composePlain(true, composeObjects(message));
  return composeAdvertisingData([GENERAL_DISCOVERABLE, serviceData(BTHOME_UUID, data)]);
}

function hex(bytes: readonly number[]): string {
  return Buffer.from(bytes).toString('hex');
}
