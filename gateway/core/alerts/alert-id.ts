import type { Identity } from '../signal.ts';

/**
 * The id of a press: device, epoch, counter. A second press in one message (two buttons at once)
 * adds its position. A device with a new key counts from the beginning, so from the second key on
 * the id includes the key's number. A device's id contains no dot.
 */
export function alertId(device: string, { epoch, counter, generation = 1 }: Identity, part = 0): string {
  const key = generation === 1 ? '' : `.k${generation}`;
  return `${device}${key}.${epoch}.${counter}${part === 0 ? '' : `.${part + 1}`}`;
}
