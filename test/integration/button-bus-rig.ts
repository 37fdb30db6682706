import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BusLine } from '../../device-sim/nodes/bus-line.ts';
import { nodeAesCcm } from '../../device-sim/nodes/node-aes-ccm.ts';
import { openPseudoTerminal, type PseudoTerminal } from '../../device-sim/pty/pseudo-terminal.ts';
import type { WallStatus } from '../../gateway/core/signal.ts';
import type { DownCounters } from '../../gateway/inputs/button-bus/down-counters.ts';
import { type ButtonBusDriver, createButtonBusDriver } from '../../gateway/inputs/button-bus/driver.ts';
import { sealFrame } from '../../protocol/button-bus/frame.ts';
import type { UpMessage } from '../../protocol/button-bus/message.ts';
import { RecordingSink } from './support/recording-sink.ts';

export const KEY = new Uint8Array(16).fill(0x42);
export const NODE = { id: 'wall-1', address: 5, key: KEY, epoch: 7, buttons: 4, points: 2 };
export interface Rig {
  readonly sink: RecordingSink;
  readonly driver: ButtonBusDriver;
  readonly port: string;
  pty(): PseudoTerminal;
  /** Makes a new pseudo-terminal under the same link, like an adapter that is plugged in again. */
  replug(): PseudoTerminal;
  close(): Promise<void>;
}

export interface RigSettings {
  /** Default true. */
  readonly plugged?: boolean;
  /** Status that answers each authentic signal. Default none. */
  readonly answer?: WallStatus;
  /** Those of the session. Default: of one whose number may be used. */
  readonly counters?: DownCounters;
}

/** Makes a driver on a link to a pseudo-terminal. It is not started. */
export function makeRig(settings: RigSettings = {}): Rig {
  const directory = mkdtempSync(join(tmpdir(), 'callpoint-bus-'));
  const port = join(directory, 'line');
  const sink = new RecordingSink();
  let pty: PseudoTerminal | undefined;
  const replug = (): PseudoTerminal => {
    pty?.close();
    pty = openPseudoTerminal();
    pty.link(port);
    return pty;
  };
  if (settings.plugged !== false) replug();
  const driver = makeDriver(port, sink, 3, settings.counters);
  const { answer } = settings;
  if (answer !== undefined) {
    sink.onSignal = (signal) => {
      if (signal.identity !== undefined) driver.answer(signal.device, signal.identity, answer);
    };
  }
  return {
    sink,
    driver,
    port,
    pty: () => {
      if (pty === undefined) throw new Error('nothing is plugged in');
      return pty;
    },
    replug,
    close: async () => {
      await driver.stop();
      pty?.close();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

export function makeDriver(port: string, sink: RecordingSink, session = 3, counters?: DownCounters): ButtonBusDriver {
  const nodes = [{ device: 'lobby', address: NODE.address, key: KEY }];
  const settings = { driver: 'button-bus', id: 'bus', port, baudRate: 115_200, nodes } as const;
  return createButtonBusDriver(settings, session, sink, counters);
}

export function makeLine(seed = 1): BusLine {
  return new BusLine({ nodes: [NODE], seed });
}

/** Returns the wire bytes of a frame from the node, or from an impostor. */
export function frame(
  counter: number,
  message: UpMessage = { type: 'press', button: 1, pattern: 'single' },
  forged: { key?: Uint8Array; address?: number } = {},
): Uint8Array {
  const header = { address: forged.address ?? NODE.address, epoch: NODE.epoch, counter };
  return sealFrame(nodeAesCcm, forged.key ?? KEY, header, message);
}
