type LinkState = 'open' | 'closed' | 'frozen';

const LINK = 0xffff;
const HEADER_BYTES = 12;

/** What the rig does at a time: a press on a line, or a change of the link to the receiver. */
export type Scheduled =
  | { readonly dueMs: number; readonly line: number; readonly wire: Uint8Array }
  | { readonly dueMs: number; readonly link: LinkState };

/** Writes the file that native/rig.c reads. */
export function encodeSchedule(schedule: readonly Scheduled[]): Buffer {
  const parts = schedule.map((entry) => ('link' in entry ? Buffer.from(entry.link) : entry.wire));
  const size = parts.reduce((sum, { length }) => sum + HEADER_BYTES + length, 0);
  const file = Buffer.alloc(size);
  let at = 0;
  for (const [index, entry] of schedule.entries()) {
    const bytes = parts[index] ?? new Uint8Array();
    file.writeBigUInt64LE(BigInt(Math.round(entry.dueMs * 1e6)), at);
    file.writeUInt16LE('link' in entry ? LINK : entry.line, at + 8);
    file.writeUInt16LE(bytes.length, at + 10);
    file.set(bytes, at + HEADER_BYTES);
    at += HEADER_BYTES + bytes.length;
  }
  return file;
}
