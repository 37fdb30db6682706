/** Why nothing could be sent to `address`, from the operating system's error code. */
export function unreachableDetail(address: string, localAddress: string | undefined, code: string): string {
  return localAddress !== undefined && code === 'EADDRNOTAVAIL'
    ? `can't send from localAddress ${localAddress}: this machine does not have it now, is its network up?`
    : `${address} can't be reached (${code})`;
}
