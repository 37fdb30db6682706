import type { Rs485Mode } from '../../serial/rs485-mode.ts';

/** One RS-485 or UART line of wall nodes that speak the button bus. */
export interface ButtonBusSettings {
  readonly driver: 'button-bus';
  readonly id: string;
  /** `/dev/serial/by-id/…` (else by-path), so that renumbering can't swap lines. Absolute. */
  readonly port: string;
  readonly baudRate: number;
  /** Absent: the adapter switches the direction itself. */
  readonly rs485?: Rs485Mode;
  readonly nodes: readonly ButtonBusNode[];
}

export interface ButtonBusNode {
  /** Device (configuration id). */
  readonly device: string;
  /** 1…254, unique on the line. */
  readonly address: number;
  /** AES-128 key, 16 bytes. */
  readonly key: Uint8Array;
}
