/** Bluetooth LE devices that speak by advertising. */
export interface BleSettings {
  readonly driver: 'ble';
  readonly id: string;
  /**
   * Radios, at least one; all of them listen. `hci0`: a radio of the kernel's; `usb:1-1.4`: the one
   * in that USB port; `address:B8:27:EB:12:34:56`: the one with that address, capitals; a path: a
   * controller that speaks HCI (H4) on a serial port. With more than one, each also has health of
   * its own, as input `<id>.<last part of its name>`.
   */
  readonly adapters: readonly BleAdapter[];
  readonly devices: readonly BleDevice[];
  /**
   * Addresses of devices that advertise all the time, and so prove reception. Empty: any known
   * device does, and without one anything heard.
   */
  readonly beacons: readonly string[];
  /** A radio that hears none of what proves reception for this long is restarted in stages, ms. */
  readonly silenceMs: number;
}

export interface BleAdapter {
  readonly name: string;
  /** Input id under which the adapter's own health is reported; absent with a single adapter. */
  readonly input?: string;
  /** Of a controller on a serial port. */
  readonly baudRate: number;
  /** Where the kernel lists its radios. Default `/sys/class/bluetooth`. */
  readonly kernelRadios?: string;
  /** Where systemd starts the processes that listen. Default `/run/callpoint/radio.sock`. */
  readonly radioSocket?: string;
}

export type BleDevice = BthomeDevice | FobDevice;

/**
 * BTHome v2. A button's number is its place in the message (0 = first); a point's object follows
 * from its type.
 */
export interface BthomeDevice {
  readonly format: 'bthome';
  /** Device (configuration id). */
  readonly device: string;
  /** `54:48:E6:8F:80:A5`, capitals. */
  readonly address: string;
  /** AES-128 bind key, 16 bytes; with a key, what is not encrypted is refused. */
  readonly key?: Uint8Array;
  /** Below this the battery is low, percent. */
  readonly lowBatteryPercent: number;
  readonly points: readonly { readonly number: number; readonly type: 'doorContact' | 'bolt' | 'tamper' }[];
}

/** A fob that begins to advertise when it is pressed. It proves nothing, and numbers nothing. */
export interface FobDevice {
  readonly format: 'fob';
  readonly device: string;
  readonly match: FobMatch;
  /** Heard again after at least this long a silence, it was pressed anew, ms. */
  readonly quietMs: number;
}

export type FobMatch =
  /** `uuid`: 32 hex digits, small letters. */
  | { readonly type: 'iBeacon'; readonly uuid: string; readonly major?: number; readonly minor?: number }
  /** Eddystone-UID: 20 and 12 hex digits, small letters. */
  | { readonly type: 'eddystone'; readonly namespace: string; readonly instance?: string };
