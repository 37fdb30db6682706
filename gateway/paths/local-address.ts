const WHY: Readonly<Record<string, string>> = {
  ENETUNREACH: ': no network of this machine leads there, is its cable in?',
  EHOSTUNREACH: ': a router on the way, or this machine, finds no machine with that address',
};

/** Why nothing could be sent to `address`, from the operating system's error code. */
export function unreachableDetail(address: string, localAddress: string | undefined, code: string): string {
  if (localAddress !== undefined && code === 'EADDRNOTAVAIL') {
    return `can't send from localAddress ${localAddress}: this machine does not have it now, is its network up?`;
  }
  return `${address} can't be reached (${code})${WHY[code] ?? ''}`;
}
