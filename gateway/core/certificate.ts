/** What is known of a certificate. Plain data: whoever read or met it has checked that it can be used. */
export interface CertificateReading {
  /** What it is for: `path.central`, `input.zigbee`, `mqtt`. */
  readonly of: string;
  /** For a person: "path central", "the MQTT broker". */
  readonly name: string;
  /** We present it, we trust what it has signed, or a far end showed it. */
  readonly role: 'own' | 'authority' | 'farEnd';
  readonly notBeforeMs: number;
  /** Wall time, ms since 1970 UTC; of several that are needed together, the first to end. */
  readonly notAfterMs: number;
  /** As written in `site.yaml`. */
  readonly file?: string;
  /** Why what is in the file now is not used in its place. */
  readonly refusedRenewal?: string;
}
