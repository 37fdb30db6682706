/** One DC-09 receiver reached over TCP. */
export interface Dc09Settings {
  readonly driver: 'dc09-tcp';
  readonly id: string;
  readonly host: string;
  readonly port: number;
  /** 3…16 hex digits, upper case; shown as `#account`. */
  readonly account: string;
  /** `L` field, 1…6 hex digits. Default `0`. */
  readonly prefix: string;
  /** `R` field, 1…6 hex digits, always sent. Default `0`. */
  readonly receiver: string;
  /** Tried in order; the next one after a DUH. */
  readonly formats: readonly Dc09Format[];
  /** Absent: plain. 16, 24 or 32 bytes: AES-128/192/256. */
  readonly key?: Uint8Array;
  /** Parallel connections, at least 1. */
  readonly connections: number;
  /** Send a time stamp on plain messages too (encrypted ones always have it). Default true. */
  readonly timestamp: boolean;
  /** Longest wait for a connection, ms. Default 3,000. */
  readonly connectTimeoutMs: number;
}

export type Dc09Format = 'SIA-DCS' | 'ADM-CID';
