const DATA = 0;
const END = 1;
const SEGMENT = 2;
const START_SEGMENT = 3;
const LINEAR = 4;
const START_LINEAR = 5;

/**
 * Reads an image in Intel's hexadecimal object format (revision A, 1988).
 *
 * @returns the flash memory, where what the image leaves free is erased
 * @throws RangeError naming the line
 */
export function readIntelHex(text: string, flashBytes: number): Uint8Array<ArrayBuffer> {
  const flash = new Uint8Array(flashBytes).fill(0xff);
  let base = 0;
  let isEnded = false;
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    const at = `line ${index + 1}`;
    if (line === '') continue;
    if (isEnded) throw new RangeError(`${at}: there is more after the end record`);
    if (!/^:([0-9a-f]{2}){5,}$/i.test(line)) throw new RangeError(`${at} is no record: it is ":" and hex digits`);
    const record = Buffer.from(line.slice(1), 'hex');
    const [length = 0, , , type = 0] = record;
    if (record.length !== length + 5) throw new RangeError(`${at} has not as many bytes as it says: ${length}`);
    if ((record.reduce((sum, byte) => sum + byte, 0) & 0xff) !== 0) throw new RangeError(`${at}: its sum is wrong`);
    const data = record.subarray(4, 4 + length);
    if (type === DATA) {
      const offset = base + record.readUInt16BE(1);
      if (offset + length > flashBytes) throw new RangeError(`${at} goes beyond the flash of ${flashBytes} bytes`);
      flash.set(data, offset);
    } else if (type === END) isEnded = true;
    else if ((type === SEGMENT || type === LINEAR) && length === 2)
      base = data.readUInt16BE(0) * (type === SEGMENT ? 16 : 0x1_0000);
    else if (type !== START_SEGMENT && type !== START_LINEAR)
      throw new RangeError(`${at} has the unknown type ${type}`);
  }
  if (!isEnded) throw new RangeError('the end record is missing: the file is cut');
  return flash;
}
