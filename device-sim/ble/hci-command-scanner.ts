import { concatBytes } from '../../protocol/bytes.ts';

interface HciCommand {
  readonly opcode: number;
  readonly parameters: Uint8Array;
}

const COMMAND = 0x01;
const HEAD_BYTES = 4;

/**
 * Cuts commands out of the bytes that a host writes (H4: type, then opcode and length). It skips
 * anything else byte by byte.
 */
export class HciCommandScanner {
  #rest: Uint8Array = new Uint8Array(0);

  push(bytes: Uint8Array): HciCommand[] {
    const all = concatBytes(this.#rest, bytes);
    const commands: HciCommand[] = [];
    let at = 0;
    while (at + HEAD_BYTES <= all.length) {
      if (all[at] !== COMMAND) {
        at += 1;
        continue;
      }
      const end = at + HEAD_BYTES + (all[at + 3] ?? 0);
      if (end > all.length) break;
      const opcode = (all[at + 1] ?? 0) | ((all[at + 2] ?? 0) << 8);
      commands.push({ opcode, parameters: all.slice(at + HEAD_BYTES, end) });
      at = end;
    }
    this.#rest = all.slice(at);
    return commands;
  }
}
