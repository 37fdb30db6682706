import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FirmataBoard, type FirmataBoardSettings } from '../../device-sim/firmata/firmata-board.ts';
import { openPseudoTerminal, type PseudoTerminal } from '../../device-sim/pty/pseudo-terminal.ts';
import type { ContactState } from '../../gateway/core/signal.ts';
import { createFirmataDriver, type FirmataDriver } from '../../gateway/inputs/firmata/driver.ts';
import type { FirmataSettings } from '../../gateway/inputs/firmata/settings.ts';
import type { WiredContact, WiredOutput } from '../../gateway/inputs/wired-contact.ts';
import { RecordingSink } from './support/recording-sink.ts';

export interface Rig {
  readonly sink: RecordingSink;
  readonly driver: FirmataDriver;
  readonly board: FirmataBoard;
  readonly port: string;
  pty(): PseudoTerminal;
  /** Unplugs the board, which then has no power. */
  unplug(): void;
  /** Plugs the board in under the same link. It starts. */
  plug(): void;
  /** States reported for a device's contacts, in order. */
  states(device: string): ContactState[];
  /** Resolves when the device's contact has reported these states. */
  says(device: string, ...states: ContactState[]): Promise<void>;
  up(times?: number): Promise<void>;
  close(): Promise<void>;
}

export interface RigSettings extends Partial<Pick<FirmataSettings, 'pollMs' | 'samplingMs'>> {
  readonly contacts?: readonly WiredContact[];
  readonly outputs?: readonly WiredOutput[];
  readonly board?: FirmataBoardSettings;
  /** Default true. */
  readonly plugged?: boolean;
}

/** Makes a driver on a link to a pseudo-terminal with a board. It is not started. */
export function makeRig(settings: RigSettings = {}): Rig {
  const directory = mkdtempSync(join(tmpdir(), 'callpoint-firmata-'));
  const port = join(directory, 'board');
  const sink = new RecordingSink();
  const board = new FirmataBoard(settings.board);
  let pty: PseudoTerminal | undefined;
  const plug = (): void => {
    pty = openPseudoTerminal();
    pty.link(port);
    board.attach(pty);
    board.reset();
  };
  if (settings.plugged !== false) plug();
  const driver = createFirmataDriver(
    {
      driver: 'firmata',
      id: 'board',
      port,
      baudRate: 57_600,
      pollMs: settings.pollMs ?? 100,
      samplingMs: settings.samplingMs ?? 10,
      contacts: settings.contacts ?? [],
      outputs: settings.outputs ?? [],
    },
    sink,
  );
  const states = (device: string): ContactState[] =>
    sink.signals.flatMap((signal) =>
      signal.device === device && signal.body.type === 'contact' ? [signal.body.state] : [],
    );
  return {
    sink,
    driver,
    board,
    port,
    states,
    pty: () => {
      if (pty === undefined) throw new Error('nothing is plugged in');
      return pty;
    },
    unplug: () => {
      board.detach();
      pty?.close();
    },
    plug,
    says: (device, ...wanted) =>
      sink.until(`${device} to say ${wanted.join(', ')}`, () => states(device).join().endsWith(wanted.join())),
    up: (times = 1) =>
      sink.until(`the board, ${times} times`, () => sink.states.filter((state) => state === 'up').length >= times),
    close: async () => {
      await driver.stop();
      board.stop();
      pty?.close();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

/** Returns the settings of a normally open button to ground. */
export function button(device: string, pin: string, more: Partial<WiredContact> = {}): WiredContact {
  return { device, of: 'button', number: 0, pin, contact: 'normallyOpen', pull: 'up', ...more };
}

/** Blocks the event loop. */
export function block(ms: number): void {
  const until = performance.now() + ms;
  while (performance.now() < until);
}
