import type * as z from 'zod';
import type { Path } from '../../core/site.ts';
import type { SitePlaces } from '../../paths/site-places.ts';
import type { Ports } from '../fields/ports.ts';
import type { Keys } from '../keys/keys-file.ts';
import type { PathTls } from '../read/pem-files.ts';
import type { View } from '../read/view.ts';
import type { CommonPath } from './path-fields.ts';

/**
 * How one driver's paths are written, checked and turned into its settings. Methods get only paths
 * of their driver.
 */
export interface PathConfig<P extends CommonPath = CommonPath, S = unknown> {
  /** An entry under `paths:`. */
  readonly path: z.ZodType<P>;
  /**
   * Adds a mistake for fields that are right by themselves but not together. `ports`: serial ports
   * of all inputs and paths.
   */
  check(path: View, ports: Ports): void;
  /** Two paths with the same text here end at the same receiver; `undefined`: unknown. */
  receiver(path: View): string | undefined;
  /** The secret under `paths:` in keys.yaml; `undefined`: none. */
  secret(path: View): PathSecret | undefined;
  /**
   * Further secrets, each under the path's name, a full stop and this name. All are text from the
   * far end.
   */
  moreSecrets?(path: View): readonly string[];
  /**
   * It can only hand alerts over, and never reports that a receiver has one; absent: it can
   * acknowledge.
   */
  handsOver?(path: View): boolean;
  /** It carries Latin letters only; absent: any. */
  readonly latinOnly?: true;
  /** How the core should treat it. */
  traits(path: P): PathTraits;
  settings(path: P, sources: PathSources): S;
}

/** An AES key, text from the far end (a password, a token), or text that both ends sign with. */
export type PathSecret = 'key' | 'text' | 'strongText';

/** What the core must know of a path beyond the fields that all paths have. */
export type PathTraits = Omit<Path, 'id' | 'supervision' | 'liveOnly' | 'attemptTimeoutMs' | 'latinOnly'> & {
  /** Default: `answerTimeoutSeconds`. */
  readonly attemptTimeoutMs?: number;
};

/** Sources of settings besides the site file. */
export interface PathSources {
  readonly keys: Keys;
  /** Certificates named under `tls:` of a path, by path id. */
  readonly tls: ReadonlyMap<string, PathTls>;
  readonly places: SitePlaces;
}

/** Traits of a path over a network that carries every alert by itself. */
export const FAST_PATH: PathTraits = {
  parallel: 4,
  formats: 1,
  // DC-09 §5.6.1.1 recommends 20 s for an answer.
  attemptTimeoutMsMax: 20_000,
  retryMs: 500,
  retryMsMax: 30_000,
  takesUpdates: false,
  yields: true,
};
