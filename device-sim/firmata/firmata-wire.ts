/**
 * Messages that a board writes in Firmata protocol 2.5 (github.com/firmata/protocol, protocol.md).
 * Data bytes have seven bits.
 */

export const INPUT = 0x00;
export const OUTPUT = 0x01;
export const ANALOG = 0x02;
export const PWM = 0x03;
export const PULLUP = 0x0b;
export type PinMode = number;

const MAJOR = 2;
const MINOR = 5;
const NO_CHANNEL = 0x7f;

export function version(): Uint8Array {
  return Uint8Array.of(0xf9, MAJOR, MINOR);
}

export function firmware(name: string): Uint8Array {
  const letters = Array.from(name, (letter) => letter.charCodeAt(0));
  return sysex(0x79, [MAJOR, MINOR, ...letters.flatMap((code) => [code & 0x7f, (code >> 7) & 1])]);
}

/** Encodes the modes of each pin, each mode with its resolution in bits. */
export function capabilities(pins: readonly (readonly (readonly [PinMode, number])[])[]): Uint8Array {
  return sysex(
    0x6c,
    pins.flatMap((modes) => [...modes.flat(), 0x7f]),
  );
}

/** Encodes the number of each pin's analogue input. */
export function analogMapping(channels: readonly (number | undefined)[]): Uint8Array {
  return sysex(
    0x6a,
    channels.map((channel) => channel ?? NO_CHANNEL),
  );
}

export function pinState(pin: number, mode: PinMode, state: number): Uint8Array {
  return sysex(0x6e, [pin, mode, state & 0x7f, ...(state > 0x7f ? [state >> 7] : [])]);
}

/** `levels`: bit 0 is the port's lowest pin. */
export function digitalReport(port: number, levels: number): Uint8Array {
  return Uint8Array.of(0x90 | port, levels & 0x7f, levels >> 7);
}

export function analogReport(channel: number, value: number): Uint8Array {
  return Uint8Array.of(0xe0 | channel, value & 0x7f, value >> 7);
}

function sysex(command: number, data: readonly number[]): Uint8Array {
  return Uint8Array.of(0xf0, command, ...data, 0xf7);
}
