import { refused } from '../../config/edit/rooms.ts';

/**
 * Address on a bus, as a person writes it.
 * @throws CallpointError EDIT_REFUSED
 */
export function addressNumber(written: string): number {
  if (/^\d{1,3}$/.test(written)) return Number(written);
  throw refused(`The address on a bus is a number, such as 17, and not ${JSON.stringify(written)}.`);
}
