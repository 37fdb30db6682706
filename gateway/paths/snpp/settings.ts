import type { TlsSettings } from '../tls-settings.ts';

/** A paging server that speaks SNPP (RFC 1861). */
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
