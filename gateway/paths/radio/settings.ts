/**
 * A receiver reached by packet radio: APRS messages in AX.25 UI frames, sent by a TNC in KISS mode.
 *
 * Its limits: APRS acknowledgements prove nothing about their sender, and nothing may be encrypted
 * on amateur bands. Anyone who transmits on the channel can acknowledge a message that the receiver
 * never got. That ends its delivery on this path and, if an acknowledgement of this path completes
 * the plan, on the others. No key could help, because receivers of plain APRS have no way to prove
 * one. So a plan should race this path with one that authenticates (DC-09 with a key), not rely on
 * it alone. A forged message to us is acknowledged and otherwise ignored: it raises nothing.
 */
export interface RadioSettings {
  readonly driver: 'radio';
  readonly id: string;
  readonly tnc: SerialTncSettings | TcpTncSettings;
  /** Commands that bring the TNC from command mode into KISS mode, in order. Default none. */
  readonly tncInit: readonly string[];
  /** Radio port of the TNC, 0…15. Default 0. */
  readonly kissPort: number;
  /** Ours and the receiver's, with SSID: `N0CALL-9`. */
  readonly callsign: string;
  readonly receiver: string;
  /** Names the sending software, not a station. Default APZCPT. */
  readonly destination: string;
  /** Stations that repeat our frames, at most 8. Default none. */
  readonly digipeaters: readonly string[];
  /**
   * Igates whose third-party frames are read: they carry what the receiver sent over the internet.
   * Anyone who can write to the internet's APRS network can then forge an answer from anywhere.
   * Default none.
   */
  readonly igates: readonly string[];
  /** Longest text that the receiver shows, 40…67. Default 67, the longest there is. */
  readonly textCharacters: number;
  /** KISS parameters, 0…2,550 ms in steps of 10. */
  readonly txDelayMs: number;
  readonly slotMs: number;
  readonly txTailMs: number;
  /** KISS parameter P, 0…255: a free channel is taken with probability (P + 1) / 256 a slot. */
  readonly persistence: number;
}

export interface SerialTncSettings {
  /** `/dev/serial/by-id/…` */
  readonly port: string;
  readonly baudRate: number;
}

export interface TcpTncSettings {
  readonly host: string;
  readonly port: number;
}
