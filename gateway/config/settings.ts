import type { Site } from '../core/site.ts';
import type { JournalSettings } from '../journal/settings.ts';
import type { MqttSettings } from '../mqtt/settings.ts';
import type { AnyInputDriver } from './inputs/input-drivers.ts';
import type { AnyPathSettings } from './paths/path-drivers.ts';

/** Everything the composition root needs: the site for the core, and each edge's own settings. */
export interface GatewaySettings {
  readonly site: Site;
  readonly inputs: readonly InputSettings[];
  readonly paths: readonly PathSettings[];
  readonly mqtt: MqttSettings;
  readonly journal: JournalSettings;
}

export type InputSettings = ReturnType<AnyInputDriver['settings']>;
export type PathSettings = AnyPathSettings;
