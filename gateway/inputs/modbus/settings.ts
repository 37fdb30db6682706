import type { Rs485Mode } from '../../serial/rs485-mode.ts';
import type { InputLayout } from '../modbus-input-map.ts';
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
  /** Absent: the adapter switches the direction itself. */
  readonly rs485?: Rs485Mode;
  /** Longest wait for a module's answer, ms. */
  readonly answerMs: number;
  readonly modules: readonly ModbusModule[];
}

export interface ModbusModule extends InputLayout {
  /** Device (configuration id). One module is one device. */
  readonly device: string;
  /** Slave address, 1…247. */
  readonly address: number;
  /** Pins are the numbers of the inputs, from 0. */
  readonly contacts: readonly WiredContact[];
}
