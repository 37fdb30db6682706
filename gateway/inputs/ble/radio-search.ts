import { setTimeout as sleep } from 'node:timers/promises';
import { messageOf } from '../../../protocol/errors.ts';
import { loadHciCalls } from './hci-calls.ts';
import { type Lookup, lookUpRadio } from './radio-lookup.ts';

const LOOK_MS = 1_000;

/**
 * Looks for the radio with this address until it is there, and tells at each look why it is not. A
 * radio that is plugged in has no address yet: the kernel asks for it a moment later. `undefined`:
 * what hinders the search does not go away by itself.
 *
 * @param address capitals
 */
export async function searchRadio(
  address: string,
  tell: (hindrance: Exclude<Lookup, { readonly radio: number }>) => void,
): Promise<number | undefined> {
  let calls: Awaited<ReturnType<typeof loadHciCalls>>;
  try {
    calls = await loadHciCalls();
  } catch (error) {
    tell({ state: 'failed', detail: messageOf(error) });
    return undefined;
  }
  for (;;) {
    const lookup = lookUpRadio(address, calls);
    if ('radio' in lookup) return lookup.radio;
    tell(lookup);
    if (lookup.state !== 'absent' && lookup.state !== 'ambiguous') return undefined;
    await sleep(LOOK_MS);
  }
}
