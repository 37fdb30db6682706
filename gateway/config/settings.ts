import type { Site } from '../core/site.ts';
import type { JournalSettings } from '../journal/settings.ts';
import type { MqttSettings } from '../mqtt/settings.ts';
import type { CertificateSource } from '../system/certificate-files.ts';
import type { AnyInputDriver } from './inputs/input-drivers.ts';
import type { AnyPathSettings } from './paths/path-drivers.ts';

/** Everything the composition root needs: the site for the core, and each edge's own settings. */
export interface GatewaySettings {
  readonly site: Site;
  readonly inputs: readonly InputSettings[];
  readonly paths: readonly PathSettings[];
  readonly mqtt: MqttSettings;
  readonly journal: JournalSettings;
  readonly certificates: CertificateSettings;
}

/** What is known of certificates besides the texts in the settings of each link. */
export interface CertificateSettings {
  /** Files that may be renewed while the gateway runs. */
  readonly sources: readonly CertificateSource[];
  /** Links over TLS, whose far ends show certificates: `path.central`, `mqtt`. */
  readonly farEnds: readonly string[];
}

export type InputSettings = ReturnType<AnyInputDriver['settings']>;
export type PathSettings = AnyPathSettings;
