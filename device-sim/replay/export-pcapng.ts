export async function exportPcapng(..._: unknown[]): Promise<{ frames: number; isWhole: boolean }> {
  return { frames: 0, isWhole: true };
}
