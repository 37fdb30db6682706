import type { PseudoTerminal } from '../../device-sim/pty/pseudo-terminal.ts';
import { openPseudoTerminal } from '../../device-sim/pty/pseudo-terminal.ts';
import { duplexPair } from '../../device-sim/radio/duplex.ts';
import { RadioReceiver } from '../../device-sim/radio/radio-receiver.ts';
import { RadioWorld, type RadioWorldOptions } from '../../device-sim/radio/radio-world.ts';
import type { TncServer } from '../../device-sim/radio/tnc-server.ts';
import type { Attempt, Outcome, Report } from '../../gateway/core/report.ts';
import type { PathDriver } from '../../gateway/paths/path-driver.ts';
import { createRadioDriver, type RadioServices } from '../../gateway/paths/radio/driver.ts';
import type { RadioSettings } from '../../gateway/paths/radio/settings.ts';
import { Waiting } from './support/waiting.ts';

export const acknowledged = { type: 'receiverAcknowledged' };

export const baseReport: Report = {
  id: 'wb-101.5.17',
  class: 'alarm',
  sia: 'HA',
  contactId: '122',
  qualifier: 1,
  zone: 101,
  area: 1,
  text: 'Intruder, Main building, Floor 1, Rm 101 Reception',
  occurredMs: Date.UTC(2026, 0, 2, 3, 4, 5),
};

/** Keys up at once, to keep tests short. */
export function settingsFor(tnc: RadioSettings['tnc'], extra: Partial<RadioSettings> = {}): RadioSettings {
  const quick = { txDelayMs: 0, slotMs: 0, txTailMs: 0, persistence: 255 };
  const stations = { callsign: 'N0CALL-9', receiver: 'N0CALL-1', destination: 'APZCPT', digipeaters: [] };
  const usual = { kissPort: 0, tncInit: [], igates: [], textCharacters: 67 };
  return { driver: 'radio', id: 'radio', tnc, ...usual, ...stations, ...quick, ...extra };
}

/** Attempts are numbered in order. A report has the same sequence number each time. */
export function attemptOf(attempt: number, sequence: number, report: Partial<Report> = {}): Attempt {
  const own = { id: `wb-101.5.${sequence}`, ...report };
  return { attempt, path: 'radio', sequence, clockOffsetMs: 0, format: 0, report: { ...baseReport, ...own } };
}

export function pollOf(attempt: number): Attempt {
  return { attempt, path: 'radio', sequence: 0, clockOffsetMs: 0, format: 0 };
}

/** A driver whose outcomes can be awaited. */
export class RadioRig {
  readonly driver: PathDriver;
  readonly sent: number[] = [];
  readonly outcomes: { readonly attempt: number; readonly outcome: Outcome }[] = [];
  readonly #waiting = new Waiting();

  constructor(settings: RadioSettings, services: RadioServices = {}) {
    const sink = {
      sent: (_path: string, attempt: number) => void this.sent.push(attempt),
      outcome: (_path: string, attempt: number, outcome: Outcome) => {
        this.outcomes.push({ attempt, outcome });
        this.#waiting.check();
      },
    };
    this.driver = createRadioDriver(settings, sink, services);
    this.driver.start();
  }

  async outcome(attempt: number): Promise<Outcome> {
    const find = () => this.outcomes.find((one) => one.attempt === attempt)?.outcome;
    await this.#waiting.until(
      `the outcome of attempt ${attempt}`,
      () => find() !== undefined,
      () => this.outcomes,
    );
    return find() as Outcome;
  }

  send(attempt: Attempt): Promise<Outcome> {
    this.driver.send(attempt);
    return this.outcome(attempt.attempt);
  }
}

/** Everything that one test set up. `close` closes it, the newest first. */
export class RadioStand {
  readonly #cleanups: (() => unknown)[] = [];
  #barriers = 0;

  world(options: RadioWorldOptions = {}): RadioWorld {
    const farParameters = { txDelayMs: 0, txTailMs: 0, slotMs: 1, persistence: 255 };
    const world = new RadioWorld({ bitsPerSecond: 100_000, farParameters, ...options });
    this.#cleanups.push(() => world.close());
    return world;
  }

  rig(settings: RadioSettings, services?: RadioServices): RadioRig {
    const rig = new RadioRig(settings, services);
    this.#cleanups.push(() => rig.driver.stop());
    return rig;
  }

  /** Makes gateway, TNC on TCP, channel and receiving station, with the connection open. */
  async connected(
    extra: Partial<RadioSettings> = {},
    options: RadioWorldOptions = {},
    services?: RadioServices,
  ): Promise<{ world: RadioWorld; server: TncServer; rig: RadioRig }> {
    const world = this.world(options);
    const server = await world.serve();
    const rig = this.rig(settingsFor({ host: '127.0.0.1', port: server.port }, extra), services);
    await server.connected(1);
    await settle();
    return { world, server, rig };
  }

  /**
   * A barrier: the gateway has read everything that the receiving station has given to its TNC by
   * now. A bystander at the same TNC sends the gateway a message after it and hears the
   * acknowledgement.
   */
  async heardAll(world: RadioWorld, frames = 0): Promise<void> {
    await eventually(`${frames} frames on the air`, () => world.channel.frames >= frames);
    const [station, cable] = duplexPair();
    const unplug = world.far.plug(cable);
    const bystander = new RadioReceiver({ callsign: 'N0CALL-7', tnc: station });
    this.#barriers += 1;
    const id = `B${this.#barriers}`;
    bystander.say('N0CALL-9', 'barrier', id);
    await bystander.until(({ acknowledged }) => acknowledged.includes(id));
    bystander.close();
    unplug();
  }

  terminal(): PseudoTerminal {
    const terminal = openPseudoTerminal();
    this.#cleanups.push(() => terminal.close());
    return terminal;
  }

  readonly close = async (): Promise<void> => {
    while (this.#cleanups.length > 0) await this.#cleanups.pop()?.();
  };
}

/**
 * Waits a few turns of the event loop: both ends then read what the kernel already has for them.
 */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 5; turn++) await new Promise<void>((resolve) => setImmediate(resolve));
}

/** Polls a condition that nothing reports. */
export async function eventually(what: string, met: () => boolean): Promise<void> {
  const endMs = performance.now() + 10_000;
  while (!met()) {
    if (performance.now() > endMs) throw new Error(`waited in vain for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
