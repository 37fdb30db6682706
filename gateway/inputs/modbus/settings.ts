import type { WiredContact } from '../wired-contact.ts';

/** An RS-485 line of Modbus RTU input modules. */
export interface ModbusSettings {
  readonly driver: 'modbus';
  readonly id: string;
  /** `/dev/serial/by-id/…`. Absolute. */
  readonly port: string;
  readonly baudRate: number;
  readonly parity: 'none' | 'even' | 'odd';
  readonly stopBits: 1 | 2;
  /** Longest wait for a module's answer, ms. */
  readonly answerMs: number;
  readonly modules: readonly ModbusModule[];
}

export interface ModbusModule {
  /** Device (configuration id). One module is one device. */
  readonly device: string;
  /** Slave address, 1…247. */
  readonly address: number;
  /** Function that reads the inputs: 02 discrete inputs, 01 coils. */
  readonly table: 'discreteInputs' | 'coils';
  /** Pins are the addresses of the inputs, from 0. */
  readonly contacts: readonly WiredContact[];
}
