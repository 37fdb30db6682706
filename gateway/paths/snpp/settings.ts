import type { TlsSettings } from '../tls-settings.ts';

/**
 * A paging server that speaks SNPP (RFC 1861).
 *
 * What its 250 proves: over TLS, that the server whose certificate was checked took the page; in clear, not even that, and the password can
 * be read on the way. Of the pager nothing: it is told as handed over, never as acknowledged.
 */
export interface SnppSettings {
  readonly driver: 'snpp';
  readonly id: string;
  readonly host: string;
  readonly port: number;
  readonly tls?: TlsSettings;
  /** For LOGI; absent: the server asks for no login. */
  readonly login?: { readonly user: string; readonly password?: string };
  /** Pager ids, at least one: each gets every report. */
  readonly pagers: readonly string[];
  /** Longest message a pager shows. */
  readonly characters: number;
  readonly connectTimeoutMs: number;
}
