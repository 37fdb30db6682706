import type { TlsSettings } from '../tls-settings.ts';

/**
 * A paging server with SNPP (RFC 1861).
 *
 * Over TLS its 250 proves that the server whose certificate was checked accepted the page. In clear
 * it does not prove even that, and the password can be read on the way. It proves nothing about the
 * pager. So the outcome is handed over, never acknowledged.
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
