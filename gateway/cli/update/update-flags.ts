import type { JsonFlag } from '../json-output.ts';
import type { SiteOptions } from '../site-options.ts';

/** The options of `callpoint update`. */
export interface UpdateFlags extends SiteOptions, JsonFlag {
  readonly check?: boolean;
  readonly wait?: boolean;
  readonly allowOlder?: boolean;
  readonly trial?: number;
  readonly settle: number;
  readonly keys?: string;
  readonly status?: boolean;
  readonly return?: boolean;
  readonly seen?: boolean;
  readonly resume?: boolean;
}
