import type { TlsSettings } from '../tls-settings.ts';

/**
 * A receiver and our account there, whatever the transport.
 *
 * What an acknowledgement proves. In clear: nothing, because anyone who can write into the
 * connection, or send datagrams that look like the receiver's, can acknowledge. With a key: that a
 * holder of the key acknowledged something within 5 minutes, because DC-09 seals the time and not
 * the sequence number (§5.4: there is no MAC). An acknowledgement that reached us does not count a
 * second time. But an attacker on the way can record one, keep it from us, and use it for another
 * message within that time. Only TLS proves that the receiver acknowledged this very message.
 */
export interface Dc09Account {
  readonly id: string;
  readonly host: string;
  readonly port: number;
  /** Literal address of this machine to send from; absent: the system's routes decide. */
  readonly localAddress?: string;
  /** 3…16 hex digits, upper case; shown as `#account`. */
  readonly account: string;
  /** `L` field, 1…6 hex digits. Default `0`. */
  readonly prefix: string;
  /** `R` field, 1…6 hex digits, always sent. Default `0`. */
  readonly receiver: string;
  /** Area of every message, 0…99; 0: none. Absent: the report's own. */
  readonly area?: number;
  /** Tried in order. A DUH selects the next one. */
  readonly formats: readonly Dc09Format[];
  /** Absent: plain. 16, 24 or 32 bytes: AES-128/192/256. */
  readonly key?: Uint8Array;
  /** Send a time stamp on plain messages too (encrypted ones always have it). Default true. */
  readonly timestamp: boolean;
}

/** One DC-09 receiver reached over TCP. */
export interface Dc09Settings extends Dc09Account {
  readonly driver: 'dc09-tcp';
  /** Parallel connections, at least 1. */
  readonly connections: number;
  /** Longest wait for a connection, TLS included, ms. Default 3,000. */
  readonly connectTimeoutMs: number;
  /** Absent: bare TCP. */
  readonly tls?: TlsSettings;
}

/** One DC-09 receiver reached over UDP. */
export interface Dc09UdpSettings extends Dc09Account {
  readonly driver: 'dc09-udp';
  /** Messages under way at once, at least 1. Default 4. */
  readonly inFlight: number;
  /** A message without an answer is sent again after this long, ms. Default 1,000. */
  readonly resendMs: number;
}

type Dc09Format = 'SIA-DCS' | 'ADM-CID';
