import { messageOf } from '../../../protocol/errors.ts';
/** Why the chip can't be used. A change of kind is news; a change of words within a kind is not. */
export class GpioTrouble extends Error {
  readonly kind: 'library' | 'absent' | 'denied' | 'lines' | 'busy' | 'failed';

  /** @param message plain words for a person, with what to do */
  constructor(kind: GpioTrouble['kind'], message: string) {
    super(message);
    this.name = 'GpioTrouble';
    this.kind = kind;
  }
}

export function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

/** What it means that the chip's device file could not be opened or asked. */
export function openTrouble(path: string, error: unknown): GpioTrouble {
  switch (codeOf(error)) {
    case 'ENOENT':
    case 'ENODEV':
    case 'ENXIO':
      return new GpioTrouble('absent', `${path} is not there: is the chip's driver loaded, or its board plugged in?`);
    case 'EACCES':
    case 'EPERM':
      return new GpioTrouble('denied', `${path}: permission denied: add the gateway's user to the group "gpio"`);
    case 'ENOTTY':
    case 'EISDIR':
      return new GpioTrouble('failed', `${path} is not a GPIO chip`);
    case 'EINVAL':
      return new GpioTrouble('failed', `${path} does not answer as a GPIO chip: Linux 5.10 or newer is needed`);
    default:
      return error instanceof GpioTrouble ? error : new GpioTrouble('failed', `${path}: ${messageOf(error)}`);
  }
}

/**
 * A chip that was in use went away. Of the kind `absent`: that it stays away is no further news.
 */
export function goneTrouble(chip: string, reason: string): GpioTrouble {
  return new GpioTrouble('absent', `${chip} went away (${reason}): is its board unplugged, or its driver unloaded?`);
}
