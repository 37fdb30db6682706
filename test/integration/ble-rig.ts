import { mkdtempSync, readdirSync, readFileSync, readlinkSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Advertisement } from '../../device-sim/ble/hci-controller.ts';
import { HciController } from '../../device-sim/ble/hci-controller.ts';
import { openPseudoTerminal, type PseudoTerminal } from '../../device-sim/pty/pseudo-terminal.ts';
import { BLE_LIMITS, type BleDriver, type BleLimits, createBleDriver } from '../../gateway/inputs/ble/driver.ts';
import type { BleDevice, BleSettings } from '../../gateway/inputs/ble/settings.ts';
import { composeAdvertisingData, serviceData } from '../../protocol/ble/advertising-data.ts';
import { BTHOME_UUID } from '../../protocol/ble/bthome.ts';
import { RadioUnit } from './support/radio-unit.ts';
import { RecordingSink } from './support/recording-sink.ts';
import { Waiting } from './support/waiting.ts';

/** A simulated controller on a pseudo-terminal, under a name that remains when it is unplugged. */
class RadioPlug {
  readonly controller: HciController;
  readonly path: string;
  #pty: PseudoTerminal | undefined;

  constructor(path: string, seed = 1) {
    this.path = path;
    this.controller = new HciController({ seed });
  }

  plug(): void {
    this.unplug();
    this.#pty = openPseudoTerminal();
    this.#pty.link(this.path);
    this.controller.attach(this.#pty);
  }

  unplug(): void {
    this.controller.detach();
    this.#pty?.close();
    this.#pty = undefined;
  }
}

/** Who starts the process that listens. Everything is the same either way. */
export const WAYS = ['gateway', 'systemd'] as const;

export interface BleRig {
  readonly sink: RecordingSink;
  readonly driver: BleDriver;
  /** Read again at each use. */
  readonly limits: { -readonly [K in keyof BleLimits]: BleLimits[K] };
  /** The controllers in the order of the configuration. */
  readonly plugs: readonly RadioPlug[];
  readonly plug: RadioPlug;
  /** Of a process that systemd starts. */
  readonly unit: RadioUnit | undefined;
  readonly radioSocket: string;
  /**
   * Resolves when this is true, however long a restart takes. It is checked at every report and at
   * intervals: the start of a process makes no report.
   */
  until(what: string, met: () => boolean): Promise<void>;
  /** Health of the input itself, in order. */
  healths(): string[];
  details(): string[];
  /** Process that listens to this radio, if there is one. */
  pid(radio?: number): number | undefined;
  close(): Promise<void>;
}

interface BleRigSettings {
  /** Of a process that systemd starts: what it is the first time, in place of one. */
  readonly attack?: RadioUnit['attack'];
  /** Default `gateway`. */
  readonly startedBy?: (typeof WAYS)[number];
  readonly devices?: readonly BleDevice[];
  readonly beacons?: readonly string[];
  readonly silenceMs?: number;
  readonly radios?: number;
  /** Default true. */
  readonly plugged?: boolean;
  readonly limits?: Partial<BleLimits>;
}

/** Starting a process takes a second or two on a busy machine. */
const PATIENCE_MS = 15_000;
const LOOK_MS = 20;

/** Makes a driver with real noble over simulated controllers. It is not started. */
export function makeBleRig(rig: BleRigSettings): BleRig {
  const directory = mkdtempSync(join(tmpdir(), 'callpoint-ble-'));
  const plugs = Array.from(
    { length: rig.radios ?? 1 },
    (_, at) => new RadioPlug(join(directory, `radio${at}`), at + 1),
  );
  const radioSocket = join(directory, 'radio.sock');
  const unit = rig.startedBy === 'systemd' ? new RadioUnit(radioSocket) : undefined;
  if (unit !== undefined) unit.attack = rig.attack;
  if (rig.plugged !== false) for (const plug of plugs) plug.plug();
  const settings: BleSettings = {
    driver: 'ble',
    id: 'radio',
    adapters: plugs.map(({ path }, at) => ({
      name: path,
      baudRate: 1_000_000,
      radioSocket,
      ...(plugs.length > 1 ? { input: `radio.radio${at}` } : {}),
    })),
    devices: rig.devices ?? [],
    beacons: rig.beacons ?? [],
    silenceMs: rig.silenceMs ?? 60_000,
  };
  const sink = new PatientSink();
  const limits = { ...BLE_LIMITS, ...rig.limits };
  const driver = createBleDriver(settings, sink, limits);
  const own = () => sink.healths.filter(({ input }) => input === 'radio');
  const [plug] = plugs;
  if (plug === undefined) throw new Error('a rig has a radio');
  return {
    sink,
    driver,
    limits,
    plugs,
    plug,
    unit,
    radioSocket,
    until: async (what, met) => {
      const now = setInterval(() => sink.patience.check(), LOOK_MS);
      const have = () => sink.healths.slice(-6);
      await sink.patience.until(what, met, have, PATIENCE_MS).finally(() => clearInterval(now));
    },
    healths: () => own().map(({ state }) => state),
    details: () => own().map(({ detail }) => detail),
    pid: (radio = 0) => scanners().find((pid) => plugs.length === 1 || hasOpen(pid, plugs[radio]?.path ?? '')),
    close: async () => {
      await driver.stop();
      unit?.close();
      for (const each of plugs) each.unplug();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

/** Processes that listen to radios, of this process. */
function scanners(): number[] {
  const children = readFileSync(`/proc/${process.pid}/task/${process.pid}/children`, 'utf8');
  return children
    .split(' ')
    .flatMap((pid) => Number(pid) || [])
    .filter((pid) => orNothing(() => readFileSync(`/proc/${pid}/cmdline`, 'utf8'))?.includes('scanner-process'));
}

function hasOpen(pid: number, path: string): boolean {
  const files = orNothing(() => readdirSync(`/proc/${pid}/fd`).map((fd) => readlinkSync(`/proc/${pid}/fd/${fd}`)));
  const file = orNothing(() => realpathSync(path));
  return file !== undefined && files?.includes(file) === true;
}

/** `undefined`: the process or the radio has gone meanwhile. */
function orNothing<T>(look: () => T): T | undefined {
  try {
    return look();
  } catch {
    return undefined;
  }
}

class PatientSink extends RecordingSink {
  readonly patience = new Waiting();

  override check(): void {
    super.check();
    this.patience.check();
  }
}

/** Returns an advertisement of BTHome service data, given as hex after the UUID. */
export function bthomeAdvertisement(address: string, hex: string, more: Partial<Advertisement> = {}): Advertisement {
  return {
    address,
    data: composeAdvertisingData([serviceData(BTHOME_UUID, Buffer.from(hex.replaceAll(' ', ''), 'hex'))]),
    ...more,
  };
}
