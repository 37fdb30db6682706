import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ModbusLine, type ModbusLineSettings } from '../../device-sim/modbus/modbus-line.ts';
import type { ModbusModuleSettings } from '../../device-sim/modbus/modbus-module.ts';
import { openPseudoTerminal, type PseudoTerminal } from '../../device-sim/pty/pseudo-terminal.ts';
import type { SignalBody } from '../../gateway/core/signal.ts';
import { createModbusDriver, type ModbusDriver } from '../../gateway/inputs/modbus/driver.ts';
import type { loadModbusSerial } from '../../gateway/inputs/modbus/rtu-client.ts';
import type { ModbusModule, ModbusSettings } from '../../gateway/inputs/modbus/settings.ts';
import type { ContactWiring, WiredContact } from '../../gateway/inputs/wired-contact.ts';
import { RecordingSink } from './support/recording-sink.ts';

const BAUD = 38_400;
const LAYOUT = { table: 'discreteInputs', firstAddress: 0, inputsPerRegister: 16, inputCount: undefined } as const;

export interface ModbusRig {
  readonly sink: RecordingSink;
  readonly driver: ModbusDriver;
  readonly line: ModbusLine;
  readonly port: string;
  pty(): PseudoTerminal;
  /** Makes a new pseudo-terminal under the same link, with the line attached to it. */
  plug(): void;
  unplug(): void;
  /** Reports about a module in order, by type. */
  said<T extends SignalBody['type']>(address: number, type: T): Extract<SignalBody, { type: T }>[];
  /** Last reported state of a button of a module. */
  state(address: number, number?: number): string | undefined;
  fault(address: number): string | undefined;
  /** Its faults and their ends, from the first fault on. */
  faults(address: number): Extract<SignalBody, { type: 'fault' }>[];
  close(): Promise<void>;
}

export interface ModbusRigSettings {
  /** The gateway's modules. Default: one button on input 0 of each module on the line. */
  readonly modules?: readonly ModbusModule[];
  /** Modules on the line. Default: addresses 1 to 4. */
  readonly line?: Partial<Omit<ModbusLineSettings, 'modules'>> & { readonly modules?: readonly ModbusModuleSettings[] };
  readonly settings?: Partial<ModbusSettings>;
  readonly load?: typeof loadModbusSerial;
  /** Default true. */
  readonly plugged?: boolean;
}

export function deviceOf(address: number): string {
  return `module-${address}`;
}

export function button(
  address: number,
  number: number,
  pin = number,
  contact: ContactWiring = 'normallyOpen',
): WiredContact {
  return { device: deviceOf(address), of: 'button', number, pin: String(pin), contact, pull: 'none' };
}

export function moduleAt(address: number, contacts = [button(address, 0)]): ModbusModule {
  return { ...LAYOUT, device: deviceOf(address), address, contacts };
}

/**
 * Makes a driver on a link to a pseudo-terminal with simulated modules behind it. It is not
 * started.
 */
export function makeModbusRig(rig: ModbusRigSettings = {}): ModbusRig {
  const directory = mkdtempSync(join(tmpdir(), 'callpoint-modbus-'));
  const port = join(directory, 'line');
  const sink = new RecordingSink();
  const onLine = rig.line?.modules ?? [1, 2, 3, 4].map((address) => ({ address }));
  const line = new ModbusLine({ baudRate: BAUD, seed: 1, ...rig.line, modules: onLine });
  const addresses = [...new Set(onLine.map(({ address }) => address))];
  const modules = rig.modules ?? addresses.map((address) => moduleAt(address));
  const driver = createModbusDriver(modbusSettings(port, modules, rig.settings), sink, rig.load);
  let pty: PseudoTerminal | undefined;
  const plug = (): void => {
    pty?.close();
    pty = openPseudoTerminal();
    pty.link(port);
    line.attach(pty);
  };
  if (rig.plugged !== false) plug();
  const bodies = (address: number) =>
    sink.signals.filter(({ device }) => device === deviceOf(address)).map(({ body }) => body);
  const said: ModbusRig['said'] = (address, type) =>
    bodies(address).filter((body): body is Extract<SignalBody, { type: typeof type }> => body.type === type);
  return {
    sink,
    driver,
    line,
    port,
    pty: () => {
      if (pty === undefined) throw new Error('nothing is plugged in');
      return pty;
    },
    plug,
    unplug: () => {
      line.detach();
      pty?.close();
    },
    said,
    state: (address, number = 0) => said(address, 'contact').findLast((body) => body.number === number)?.state,
    fault: (address) => said(address, 'fault').at(-1)?.detail,
    faults: (address) => {
      const all = said(address, 'fault');
      const first = all.findIndex(({ detail }) => detail !== undefined);
      return first < 0 ? [] : all.slice(first);
    },
    close: async () => {
      await driver.stop();
      line.stop();
      pty?.close();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

export function modbusSettings(
  port: string,
  modules: readonly ModbusModule[],
  settings: Partial<ModbusSettings> = {},
): ModbusSettings {
  // The simulated modules share this process: on a busy machine they are later than real ones ever
  // are.
  const line = { baudRate: BAUD, parity: 'none', stopBits: 1, answerMs: 250 } as const;
  return { driver: 'modbus', id: 'modules', port, ...line, modules, ...settings };
}
