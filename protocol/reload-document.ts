/**
 * What a reload of the configuration found and did, as plain data: the answer to `callpoint
 * reload`.
 */
export interface ReloadDocument {
  /**
   * `done`: taken up. `unchanged`: the files say what the gateway runs on. `possible`: asked only,
   * and it could be taken up now. `inTheWay`: it can be taken up later. `refused`: it can't be
   * taken up. Unless it is `done`, nothing has changed.
   */
  readonly state: 'done' | 'unchanged' | 'possible' | 'inTheWay' | 'refused';
  readonly changes: readonly ReloadChange[];
  /**
   * Mistakes in the files, warnings included, each with its file, line and what to write instead.
   */
  readonly mistakes: readonly string[];
  /** Why it was not taken up; empty if it was. */
  readonly reasons: readonly string[];
  /** How long the alert path was held up while the site was taken up, ms. */
  readonly held_ms?: number;
  /**
   * Inputs that were closed and opened again, and for how long nothing was heard through each, ms.
   * `null`: it is not open yet.
   */
  readonly reopened?: Readonly<Record<string, number | null>>;
}

export interface ReloadChange {
  readonly of: ReloadedThing;
  /** Configuration id, where there are several of its kind. */
  readonly id?: string;
  readonly change: 'added' | 'removed' | 'changed';
}

export type ReloadedThing =
  | 'canary'
  | 'certificates'
  | 'deadlines'
  | 'device'
  | 'door'
  | 'drills'
  | 'gateway'
  | 'input'
  | 'journal'
  | 'kind'
  | 'mqtt'
  | 'output'
  | 'path'
  | 'plan'
  | 'site'
  | 'walkTest';

/** A request at the control socket to take the configuration up. */
export interface ReloadRequest {
  /** Say what would be done, and do nothing. */
  readonly dryRun: boolean;
  /** Who asks, as for a command. */
  readonly by: string;
}
