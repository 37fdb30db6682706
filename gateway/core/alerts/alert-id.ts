import type { Identity } from '../signal.ts';

/**
 * The first press of a message goes by the message's number; another one in the same message (two buttons at once) by its place as well.
 * With another key a device numbers from the beginning, so from the second key on the id says which: a device's id has no dot.
 */
export function alertId(device: string, { epoch, counter, generation = 1 }: Identity, part = 0): string {
  const key = generation === 1 ? '' : `.k${generation}`;
  return `${device}${key}.${epoch}.${counter}${part === 0 ? '' : `.${part + 1}`}`;
}
