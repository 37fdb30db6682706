import type {
  AlertDocument,
  DeviceDocument,
  DoorDocument,
  DrillDocument,
  InputDocument,
  PathDocument,
  TroubleDocument,
} from './mqtt-documents.ts';
import type { WalkTestSummary } from './walk-test-document.ts';

/**
 * What the running gateway knows of itself, as plain data: the newest of each document that it
 * publishes over MQTT. Times named `…_at` are ISO 8601 UTC by its wall clock.
 */
export interface StatusDocument {
  /** Gateway (configuration id). */
  readonly gateway: string;
  readonly version: string;
  /** The directory of the release that runs; absent: an earlier version, or not known. */
  readonly release?: string;
  readonly started_at: string;
  /** When it was asked. */
  readonly at: string;
  /** Files of the configuration that were changed and are not taken up; absent: there are none. */
  readonly configuration_changed?: { readonly files: readonly string[]; readonly at: string };
  /** That stand now, oldest first. */
  readonly troubles: readonly TroubleDocument[];
  /** That run now. */
  readonly drills: readonly DrillDocument[];
  /** The one that runs, or the last one; absent: none that this gateway knows of. */
  readonly walk_test?: WalkTestSummary;
  /** That are not resolved or cancelled: the newest `OPEN_ALERTS_MAX`, newest last. */
  readonly alerts: readonly OpenAlert[];
  readonly inputs: readonly InputDocument[];
  readonly paths: readonly PathDocument[];
  readonly devices: readonly DeviceDocument[];
  readonly doors: readonly DoorDocument[];
}

export type OpenAlert = Pick<AlertDocument, 'id' | 'state' | 'not_confirmed' | 'mode' | 'text' | 'raised_at'>;

export const OPEN_ALERTS_MAX = 200;

/**
 * `starting`: nothing is wrong as far as is known, but an input or a device has not been heard yet.
 */
type OverallState = 'ok' | 'starting' | 'trouble';

/** The one word for a person and for a monitoring program. */
export function overallState({ troubles, inputs, paths, devices }: StatusDocument): OverallState {
  const isDown = [...inputs, ...paths].some(({ state }) => state === 'down');
  if (troubles.length > 0 || isDown || devices.some(({ supervised }) => supervised === 'missing')) return 'trouble';
  const isUnheard = inputs.some(({ state }) => state === 'unknown');
  return isUnheard || devices.some(({ supervised }) => supervised === 'unknown') ? 'starting' : 'ok';
}
