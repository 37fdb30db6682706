import { messageOf } from '../../../protocol/errors.ts';
import { errorCode } from '../../system/error-code.ts';

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

/** What it means that the chip's device file could not be opened or asked. */
export function openTrouble(path: string, error: unknown): GpioTrouble {
  switch (errorCode(error)) {
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

/**
 * Who else holds a line, by the name it gives itself to the kernel, and how to make it let go.
 * Short: some receivers show little more than a hundred characters.
 */
const USERS: readonly (readonly [user: RegExp, advice: string])[] = [
  [/^spi\d/, 'remove dtparam=spi=on from config.txt and restart the Pi'],
  [/^(onewire|w1)/, 'remove dtoverlay=w1-gpio from config.txt and restart the Pi'],
  [/^sysfs$/, 'stop the program that exported it under /sys/class/gpio'],
  [/^callpoint$/, 'does a second gateway run on this machine?'],
];

export function busyTrouble(line: string, consumer: string): GpioTrouble {
  const user = consumer === '' ? 'by another program or the kernel' : `by "${consumer}"`;
  const advice =
    USERS.find(([known]) => known.test(consumer))?.[1] ?? 'stop that program, or remove its overlay from config.txt';
  return new GpioTrouble('busy', `${line} is in use ${user}: ${advice}, or use another line`);
}

/** As many troubles are listed in a text one by one. */
const LISTED_MAX = 3;

/** The troubles of several lines as one text. */
export function troublesText(messages: Iterable<string>): string {
  const all = [...new Set(messages)];
  const more = all.length > LISTED_MAX ? `; and ${all.length - LISTED_MAX} more lines` : '';
  return `${all.slice(0, LISTED_MAX).join('; ')}${more}`;
}

/** None of the lines can be had: that is one trouble of the whole input. */
export function allTroubles(chipTitle: string, troubles: readonly GpioTrouble[]): GpioTrouble {
  const text = troublesText(troubles.map(({ message }) => message));
  return new GpioTrouble(troubles[0]?.kind ?? 'lines', `${chipTitle}: ${text}`);
}
