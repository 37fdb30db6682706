import { CallpointError, type ErrorCode } from '../../protocol/errors.ts';
import { firstMistakes, formatMistake, type Mistake } from './read/mistake.ts';
import type { GatewaySettings } from './settings.ts';

/** A site's files, read and checked. */
export interface SiteReading {
  /** Everything wrong in all files, sorted by place; warnings too. */
  readonly mistakes: readonly Mistake[];
  /** The site file and the keys file, as far as they are known. */
  readonly files?: readonly string[];
  /** Absent if any mistake is an error. */
  readonly settings?: GatewaySettings;
}

/**
 * @throws CallpointError CONFIG_INVALID with every error, one a line; KEYS_EXPOSED or
 *   CONFIG_UNREADABLE if that is all there is
 */
export function acceptedSettings({ settings, mistakes }: SiteReading): GatewaySettings {
  if (settings !== undefined) return settings;
  const errors = mistakes.filter(({ severity }) => severity === 'error');
  const { shown, more } = firstMistakes(errors);
  const rest = more === 0 ? [] : [`… and ${more} more errors; callpoint check counts them`];
  throw new CallpointError(commonCode(errors), [...shown.map(formatMistake), ...rest].join('\n'));
}

function commonCode(errors: readonly Mistake[]): ErrorCode {
  const codes = new Set(errors.map(({ code }) => code ?? 'CONFIG_INVALID'));
  const [only] = codes;
  return codes.size === 1 && only !== undefined ? only : 'CONFIG_INVALID';
}
