/**
 * A paging terminal with TAP 1.8, on a serial port or behind TCP.
 *
 * Its ACK proves neither its sender nor anything about the pager. So the outcome is handed over,
 * never acknowledged. The password crosses the line in clear.
 */
export interface TapSettings {
  readonly driver: 'tap';
  readonly id: string;
  readonly line: TapSerialLine | TapTcpLine;
  /** Log-on password that the terminal asks for; absent: none. */
  readonly password?: string;
  /** Pager ids, at least one: each gets every report, in a transaction of its own. */
  readonly pagers: readonly string[];
  /** Longest message a pager shows. */
  readonly characters: number;
  /** The terminal accepts one block for each transaction: longer text is cut. */
  readonly oneBlock: boolean;
  /** The terminal asks for the log-on with `ID=`. Default true. */
  readonly idPrompt?: boolean;
  /** Largest number of pagers in one call; the rest need further calls. */
  readonly transactionsPerCall: number;
}

type TapFraming = `${7 | 8}${'N' | 'E' | 'O'}${1 | 2}`;

export interface TapSerialLine {
  readonly type: 'serial';
  /** `/dev/serial/by-id/…` */
  readonly port: string;
  readonly baudRate: number;
  /** Data bits, parity and stop bits, as `7E1`. */
  readonly framing: TapFraming;
}

export interface TapTcpLine {
  readonly type: 'tcp';
  readonly host: string;
  readonly port: number;
  readonly connectTimeoutMs: number;
}
