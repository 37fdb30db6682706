import { messageOf } from '../../../protocol/errors.ts';
import { SystemError } from '../../system/libc.ts';
import type { HciCalls } from './hci-calls.ts';
import {
  HCIGETDEVINFO,
  HCIGETDEVLIST,
  type HciRadio,
  infoRequest,
  listedNumbers,
  listRequest,
  radioOfInfo,
} from './linux-hci.ts';
import type { ScannerState } from './scanner-messages.ts';

/**
 * Which radio has the address now; or why none can be told, in the words of `scanner-messages.ts`.
 */
export type Lookup =
  | { readonly radio: number }
  | { readonly state: Exclude<ScannerState, 'listening'>; readonly detail: string };

/**
 * The kernel's radio with this address. Only a socket tells it: /sys/class/bluetooth has no
 * addresses.
 *
 * @param address capitals
 */
export function lookUpRadio(address: string, calls: HciCalls): Lookup {
  let radios: readonly HciRadio[];
  try {
    radios = kernelsRadios(calls);
  } catch (error) {
    const detail = messageOf(error);
    switch (error instanceof SystemError ? error.code : undefined) {
      case 'EAFNOSUPPORT':
      case 'EPROTONOSUPPORT':
        return { state: 'noBluetooth', detail };
      case 'EPERM':
      case 'EACCES':
        return { state: 'unauthorized', detail };
      default:
        return { state: 'failed', detail };
    }
  }
  const [radio, ...others] = radios.filter((each) => each.address === address);
  if (radio === undefined) return { state: 'absent', detail: radios.map(described).join(', ') };
  // Cheap adapters all bear one address. To take either would be to guess.
  if (others.length > 0) return { state: 'ambiguous', detail: [radio, ...others].map(nameOf).join(', ') };
  return { radio: radio.number };
}

function kernelsRadios(calls: HciCalls): HciRadio[] {
  const fd = calls.open();
  try {
    const list = listRequest();
    calls.ioctl(fd, HCIGETDEVLIST, list);
    return listedNumbers(list).flatMap((number) => kernelsRadio(fd, number, calls) ?? []);
  } finally {
    calls.close(fd);
  }
}

function kernelsRadio(fd: number, number: number, calls: HciCalls): HciRadio | undefined {
  const info = infoRequest(number);
  try {
    calls.ioctl(fd, HCIGETDEVINFO, info);
  } catch (error) {
    // Unplugged since it was listed.
    if (error instanceof SystemError && error.code === 'ENODEV') return undefined;
    throw error;
  }
  return radioOfInfo(info);
}

function described(radio: HciRadio): string {
  return `${nameOf(radio)} ${radio.address ?? 'without an address'}`;
}

function nameOf({ number }: HciRadio): string {
  return `hci${number}`;
}
