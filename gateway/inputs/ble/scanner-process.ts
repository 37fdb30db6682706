import type { EventEmitter } from 'node:events';
import { createRequire } from 'node:module';
import { Socket } from 'node:net';
import type { MonoMs } from '../../../protocol/clocks.ts';
import { messageOf } from '../../../protocol/errors.ts';
import { monoMs } from '../../system/clock.ts';
import { loadProcessCalls } from '../../system/process-calls.ts';
import { ServiceManager } from '../../system/service-manager.ts';
import { MessageLines } from './message-lines.ts';
import { searchRadio } from './radio-search.ts';
import {
  CHANNEL_DESCRIPTOR,
  type FromScanner,
  HEX_LENGTH_MAX,
  type HeardKind,
  parseToScanner,
  type ScannedRadio,
  TO_SCANNER_LENGTH_MAX,
  type ToScanner,
  type Watch,
} from './scanner-messages.ts';
import { ScannerOutbox } from './scanner-outbox.ts';
import { StrangersHeard } from './strangers-heard.ts';

/**
 * The process that listens to one radio, through noble. It is alone with noble because noble keeps
 * every address it ever heard, hooks the exit of its process and never recovers from an adapter
 * that was unplugged.
 *
 * Started by `scanner-link.ts`, or by systemd (`callpoint-radio@.service`) when that connects. Its
 * descriptor 3 is the gateway: it ends when the gateway does.
 */

/** What is used of noble; its own types leave out the inside. */
interface Noble {
  on(event: 'stateChange' | 'warning', listener: (words: string) => void): void;
  on(event: 'scanStart' | 'scanStop', listener: () => void): void;
  on(event: 'discover', listener: (peripheral: Peripheral) => void): void;
  startScanning(uuids: readonly string[], allowDuplicates: boolean, done: (error?: Error) => void): void;
  reset(): void;
  readonly [inside: string]: unknown;
}

interface Peripheral {
  readonly uuid: string;
  readonly address: string;
  readonly rssi: number;
  readonly advertisement: {
    readonly serviceData?: readonly { readonly uuid: string; readonly data: Buffer }[];
    readonly manufacturerData?: Buffer;
  };
}

const IBEACON_PREFIX = '4c000215';
const EDDYSTONE_UID = '00';
/** Behind frame type and power. */
const NAMESPACE_AT = 4;
/** After a reset the controller is set up anew before it can scan. */
const RESET_MS = 500;
/**
 * After this time a scan that another program stopped is started again. After our own stop a start
 * follows much sooner.
 */
const STOPPED_MS = 1_000;

/** A process whose event loop hangs for this long is ended by the kernel. */
const HANGING_SECONDS = 30;
const ALIVE_MS = 5_000;

const require = createRequire(import.meta.url);
const channel = openChannel();

class Scanner {
  readonly #watch: Watch;
  readonly #addresses: ReadonlySet<string>;
  readonly #outbox = new ScannerOutbox((heard, sent) => tell({ type: 'heard', heard }, sent));
  readonly #strangers = new StrangersHeard();
  #noble: Noble | undefined;
  #forget: (peripheral: Peripheral) => void = () => undefined;
  #advertisements = 0;
  #stopped: NodeJS.Timeout | undefined;

  constructor(watch: Watch) {
    this.#watch = watch;
    this.#addresses = new Set(watch.addresses);
  }

  start(): void {
    let noble: Noble;
    try {
      noble = require('@abandonware/noble/with-custom-binding')({}) as Noble;
    } catch (error) {
      tell({ type: 'state', state: 'failed', detail: messageOf(error) });
      return;
    }
    this.#noble = noble;
    this.#forget = forgetterOf(noble);
    noble.on('warning', (detail) => tell({ type: 'state', state: 'failed', detail }));
    noble.on('scanStart', () => {
      clearTimeout(this.#stopped);
      tell({ type: 'state', state: 'listening', detail: '' });
    });
    noble.on('scanStop', () => {
      clearTimeout(this.#stopped);
      this.#stopped = setTimeout(() => this.scan(), STOPPED_MS);
    });
    noble.on('discover', (peripheral) => this.#discovered(peripheral));
    // Of a controller on a serial port, which noble keeps to itself.
    const socket = inside(inside(inside(noble, '_bindings'), '_hci'), '_socket') as Partial<EventEmitter>;
    socket.on?.('error', (error: Error) => tell({ type: 'state', state: 'poweredOff', detail: error.message }));
    // Opens the radio.
    noble.on('stateChange', (state) => this.#stateChanged(state));
  }

  /** Stops the scan, if there is one, and starts it. */
  scan(): void {
    // Duplicates: a second press of a tag is a second advertisement of the same address.
    this.#noble?.startScanning([], true, (error) => {
      if (error instanceof Error) tell({ type: 'state', state: 'poweredOff', detail: error.message });
    });
  }

  reset(): void {
    this.#noble?.reset();
    setTimeout(() => this.scan(), RESET_MS);
  }

  status(): FromScanner {
    return {
      type: 'status',
      residentBytes: process.memoryUsage.rss(),
      advertisements: this.#advertisements,
      dropped: this.#outbox.dropped,
    };
  }

  strangers(): FromScanner {
    return { type: 'strangers', strangers: this.#strangers.entries(), leftOut: this.#strangers.leftOut };
  }

  #stateChanged(state: string): void {
    if (state === 'poweredOn') this.scan();
    else if (state === 'poweredOff' || state === 'unauthorized' || state === 'unsupported') {
      tell({ type: 'state', state, detail: '' });
    }
  }

  #discovered(peripheral: Peripheral): void {
    const capturedMs = monoMs();
    this.#advertisements += 1;
    const { address, rssi, advertisement } = peripheral;
    const known = this.#addresses.has(address);
    let passed = false;
    const pass = (kind: HeardKind, hex: string) => {
      this.#outbox.push([capturedMs, address, rssi, kind, hex], known || kind !== 'bthome');
      passed = true;
    };
    for (const { uuid, data } of advertisement.serviceData ?? []) {
      const hex = data.toString('hex');
      if (hex.length > HEX_LENGTH_MAX) continue;
      if (uuid === 'fcd2') {
        pass('bthome', hex);
        if (!known) this.#strangers.heard('bthome', address, rssi, hex, capturedMs);
      } else if (uuid === 'feaa' && hex.startsWith(EDDYSTONE_UID)) {
        // Which of a namespace are known the gateway knows.
        this.#strangers.heard('eddystone', address, rssi, hex, capturedMs);
        this.#eddystone(hex, pass);
      }
    }
    const { manufacturerData } = advertisement;
    if (manufacturerData !== undefined && 2 * manufacturerData.length <= HEX_LENGTH_MAX)
      this.#iBeacon(manufacturerData.toString('hex'), pass, address, rssi, capturedMs);
    if (known && !passed) pass('presence', '');
    this.#forget(peripheral);
  }

  #eddystone(hex: string, pass: (kind: HeardKind, hex: string) => void): void {
    if (this.#watch.eddystones.some((namespace) => hex.startsWith(namespace, NAMESPACE_AT))) pass('eddystone', hex);
  }

  #iBeacon(hex: string, pass: (kind: HeardKind, hex: string) => void, ...from: [string, number, MonoMs]): void {
    if (!hex.startsWith(IBEACON_PREFIX)) return;
    const [address, rssi, capturedMs] = from;
    this.#strangers.heard('iBeacon', address, rssi, hex, capturedMs);
    if (this.#watch.iBeacons.some((uuid) => hex.startsWith(uuid, IBEACON_PREFIX.length))) pass('iBeacon', hex);
  }
}

/**
 * noble keeps some 1.6 kB of every address it ever heard, and phones change theirs every few
 * minutes; and it mixes what a device says now with what it said before. Both end if it is made to
 * forget each device at once. Its maps have no public way in: should a version name them otherwise,
 * the bound on the process's memory remains.
 */
function forgetterOf(noble: Noble): (peripheral: Peripheral) => void {
  const bindings = inside(noble, '_bindings');
  const byUuid = [
    ...['_peripherals', '_services', '_characteristics', '_descriptors', '_discoveredPeripheralUUids'].map((name) =>
      inside(noble, name),
    ),
    ...['_addresses', '_addresseTypes', '_connectable', 'scannable'].map((name) => inside(bindings, name)),
  ];
  const byAddress = inside(inside(bindings, '_gap'), '_discoveries');
  return ({ uuid, address }) => {
    for (const map of byUuid) delete map[uuid];
    delete byAddress[address];
  };
}

function inside(object: { readonly [name: string]: unknown }, name: string): Record<string, unknown> {
  const value = object[name];
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}

function openChannel(): Socket {
  try {
    return new Socket({ fd: CHANNEL_DESCRIPTOR, readable: true, writable: true });
  } catch {
    process.stderr.write('callpoint-radio@.service starts this, with a connection as descriptor 3\n');
    process.exit(2);
  }
}

function tell(message: FromScanner, sent?: () => void): void {
  if (channel.writable) channel.write(`${JSON.stringify(message)}\n`, () => sent?.());
}

/**
 * A radio named by its address is looked for anew in each process: its number may be another one
 * since.
 */
async function open(scanner: Scanner, radio: ScannedRadio, exit: (code: number) => void): Promise<void> {
  // Without the first one the first advertisement of a connectable device is held back.
  const common = { NOBLE_REPORT_ALL_HCI_EVENTS: '1' };
  // noble reads them when it is loaded.
  if (radio.type === 'serial') {
    const { path, baudRate } = radio;
    const serial = { BLUETOOTH_HCI_SOCKET_UART_PORT: path, BLUETOOTH_HCI_SOCKET_UART_BAUDRATE: String(baudRate) };
    Object.assign(process.env, common, serial);
  } else {
    const number = radio.type === 'kernel' ? radio.number : await found(radio.address);
    if (number === undefined) return;
    Object.assign(process.env, common, { NOBLE_HCI_DEVICE_ID: String(number) });
  }
  scanner.start();
  setImmediate(() => {
    process.on('SIGINT', stay);
    // After noble, which stops the scan at the exit. An ordinary exit then waits for noble's
    // thread, which waits for the radio's next event.
    process.on('exit', exit);
  });
}

async function found(address: string): Promise<number | undefined> {
  const number = await searchRadio(address, (hindrance) => tell({ type: 'state', ...hindrance }));
  if (number !== undefined) tell({ type: 'found', radio: `hci${number}` });
  return number;
}

/**
 * Whoever stops the gateway may signal all its processes: this one goes when the gateway has gone.
 */
const stay = () => undefined;

async function main(): Promise<void> {
  let scanner: Scanner | undefined;
  // noble ends the process at SIGINT if its listener is the last, so ours comes anew after it is
  // loaded. SIGUSR1 would open the inspector.
  for (const signal of ['SIGTERM', 'SIGHUP', 'SIGINT', 'SIGUSR1', 'SIGUSR2'] as const) process.on(signal, stay);
  const { exit, alarm } = await loadProcessCalls();
  // The gateway may not end a process that systemd started. The kernel does, or systemd, which also
  // ends one that was stopped from outside.
  const manager = new ServiceManager(process.env, process.pid, {
    failed: (detail) => process.stderr.write(`Error: systemd is not told that this process works: ${detail}\n`),
  });
  const alive = () => {
    alarm(HANGING_SECONDS);
    manager.feed();
  };
  alive();
  setInterval(alive, ALIVE_MS);
  const lines = new MessageLines(TO_SCANNER_LENGTH_MAX, {
    message: (raw) => {
      const message = parseToScanner(raw);
      if (message === undefined) return;
      if (message.type === 'listen') scanner ??= begin(message, exit);
      else answer(message, scanner);
    },
    fault: (what) => {
      process.stderr.write(`Error: the gateway sent ${what}\n`);
      process.exit(1);
    },
  });
  channel.on('error', () => undefined);
  channel.once('close', () => process.exit(0));
  channel.on('data', (bytes) => lines.push(bytes));
}

type ListenMessage = Extract<ToScanner, { readonly type: 'listen' }>;

function begin({ radio, watch }: ListenMessage, exit: (code: number) => void): Scanner {
  const scanner = new Scanner(watch);
  // A first word: from here on the radio is what is waited for.
  tell(scanner.status());
  void open(scanner, radio, exit);
  return scanner;
}

function answer({ type }: ToScanner, scanner: Scanner | undefined): void {
  if (type === 'ping') tell(scanner?.status() ?? NOTHING_YET);
  else if (type === 'strangers') tell(scanner?.strangers() ?? NO_STRANGERS);
  else if (type === 'rescan') scanner?.scan();
  else if (type === 'reset') scanner?.reset();
}

const NOTHING_YET: FromScanner = { type: 'status', residentBytes: 0, advertisements: 0, dropped: 0 };
const NO_STRANGERS: FromScanner = { type: 'strangers', strangers: [], leftOut: 0 };

void main();
