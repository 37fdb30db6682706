import type * as z from 'zod';
import type { Path } from '../../core/site.ts';
import type { SitePlaces } from '../../paths/site-places.ts';
import type { Ports } from '../fields/ports.ts';
import type { Keys } from '../keys/keys-file.ts';
import type { PathTls } from '../read/pem-files.ts';
import type { View } from '../read/view.ts';
import type { CommonPath } from './path-fields.ts';

/** How one driver's paths are written, judged and made into its settings. Methods get only paths of their driver. */
export interface PathConfig<P extends CommonPath = CommonPath, S = unknown> {
  /** An entry under `paths:`. */
  readonly path: z.ZodType<P>;
  /** Adds a mistake for what fits each field, but not together. `ports`: serial ports of all inputs and paths. */
  check(path: View, ports: Ports): void;
  /** Where two paths with the same words here end up at the same receiver; `undefined`: can't be told. */
  receiver(path: View): string | undefined;
  /** The secret that stands under `paths:` in keys.yaml; `undefined`: none. */
  secret(path: View): PathSecret | undefined;
  /** Further secrets, each under the path's name, a full stop and this name; all are text that the far end gave. */
  moreSecrets?(path: View): readonly string[];
  /** It can only hand alerts over, and never tells that a receiver has one; absent: it can acknowledge. */
  handsOver?(path: View): boolean;
  /** It carries Latin letters only; absent: any. */
  readonly latinOnly?: true;
  /** How the core is to treat it. */
  traits(path: P): PathTraits;
  settings(path: P, sources: PathSources): S;
}

/** An AES key, text that the far end gave (a password, a token), or text that both ends sign with. */
export type PathSecret = 'key' | 'text' | 'strongText';

/** What the core must know of a path and can't read from the fields all paths have. */
export type PathTraits = Omit<Path, 'id' | 'supervision' | 'liveOnly' | 'attemptTimeoutMs' | 'latinOnly'> & {
  /** Default: `answerTimeoutSeconds` as it is written. */
  readonly attemptTimeoutMs?: number;
};

/** Where settings come from beside the site file. */
export interface PathSources {
  readonly keys: Keys;
  /** Certificates named under `tls:` of a path, by path id. */
  readonly tls: ReadonlyMap<string, PathTls>;
  readonly places: SitePlaces;
}

/** As a path over a network is treated that takes every alert by itself. */
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
