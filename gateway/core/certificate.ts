/**
 * What is known of a certificate. Plain data: its source has checked that the certificate can be
 * used.
 */
export interface CertificateReading {
  /** What it is for: `path.central`, `input.zigbee`, `mqtt`. */
  readonly of: string;
  /** For a person: "path central", "the MQTT broker". */
  readonly name: string;
  /** The gateway presents it, the gateway trusts its signatures, or a far end has shown it. */
  readonly role: 'own' | 'authority' | 'farEnd';
  readonly notBeforeMs: number;
  /** Wall time, ms since 1970 UTC. Where several are needed together, the first one to end. */
  readonly notAfterMs: number;
  /** As written in `site.yaml`. */
  readonly file?: string;
  /** Why the gateway does not use the file's present content. */
  readonly refusedRenewal?: string;
}
