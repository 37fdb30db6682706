import type { ParsedFrame } from '../../../protocol/button-bus/frame.ts';
import { typeOf, type UpMessage } from '../../../protocol/button-bus/message.ts';
import { bytesToHex } from '../../../protocol/bytes.ts';

const HELLO_SERIAL_AT = 11;
const HELLO_SERIAL_BYTES = 8;

/** The type of a node's frame; `undefined` for the types that only a gateway sends. */
export function upType(code: number): UpMessage['type'] | undefined {
  const type = typeOf(code);
  return type === 'ack' || type === 'poll' || type === 'silent' ? undefined : type;
}

/** A hello carries its serial in the clear, so that a node that is not enrolled can be found. */
export function serialOf(frame: ParsedFrame): string {
  return bytesToHex(frame.clear.subarray(HELLO_SERIAL_AT, HELLO_SERIAL_AT + HELLO_SERIAL_BYTES));
}
