import type { SitePlaces } from '../site-places.ts';
import type { TlsSettings } from '../tls-settings.ts';

/**
 * A receiver of emergency calls without a conversation (RFC 8876), reached over SIP.
 *
 * What a 200 proves. Over TLS: the next server, whose certificate was checked, says so. That server
 * is responsible for the rest of the way. In clear: nothing, because anybody who can write into the
 * connection can answer. The password (Digest, RFC 3261 §22) proves our identity to the far end,
 * and not the far end's to us. In clear, anybody who listens can test passwords against what was
 * sent.
 */
export interface SipSettings {
  readonly driver: 'sip';
  readonly id: string;
  /** The target: `sip:`, `sips:`, `urn:service:sos…` or `urn:service:test.sos…`. */
  readonly target: string;
  /** The proxy or receiver the connection leads to. */
  readonly host: string;
  readonly port: number;
  /**
   * Absent: plain TCP. UDP is not supported: RFC 3261 §18.1.1 rules it out for messages of this
   * size.
   */
  readonly tls?: TlsSettings;
  /** Our own address: `sip:` or `sips:` URI with a user and a host. */
  readonly from: string;
  /** Answers a challenge of the proxy or receiver (RFC 3261 §22). */
  readonly account?: { readonly user: string; readonly password: string };
  /** Address of the network interface to send from. */
  readonly localAddress?: string;
  /** Messages under way at once, at least 1. */
  readonly transactions: number;
  /** Longest wait for a connection, TLS included, ms. Default 3,000. */
  readonly connectTimeoutMs: number;
  /** RFC 3066 language of the texts, e.g. `en-US`. */
  readonly language: string;
  readonly places: SitePlaces;
}
