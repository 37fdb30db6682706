import type { PinMode } from './firmata-wire.ts';

/** A command from the host to the board. */
export type HostCommand =
  | { readonly type: 'version' | 'firmware' | 'capabilities' | 'analogMapping' | 'systemReset' }
  | { readonly type: 'pinState'; readonly pin: number }
  | { readonly type: 'samplingInterval'; readonly ms: number }
  | { readonly type: 'pinMode'; readonly pin: number; readonly mode: PinMode }
  | { readonly type: 'reportPort'; readonly port: number; readonly on: boolean }
  | { readonly type: 'reportChannel'; readonly channel: number; readonly on: boolean }
  | { readonly type: 'writePort'; readonly port: number; readonly levels: number }
  | { readonly type: 'writePin'; readonly pin: number; readonly level: 0 | 1 }
  | { readonly type: 'writeAnalog'; readonly pin: number; readonly value: number };

/** Cuts the host's bytes into commands, as the sketch's own parser does. */
export class FirmataReader {
  #buffer: number[] = [];

  push(bytes: Uint8Array): HostCommand[] {
    const commands: HostCommand[] = [];
    for (const byte of bytes) {
      if (byte >= 0x80 && byte !== 0xf7) this.#buffer = [byte];
      else if (this.#buffer.length > 0) this.#buffer.push(byte);
      if (!isWhole(this.#buffer)) continue;
      const command = commandOf(this.#buffer);
      this.#buffer = [];
      if (command !== undefined) commands.push(command);
    }
    return commands;
  }
}

function isWhole(buffer: readonly number[]): boolean {
  const first = buffer[0];
  if (first === undefined) return false;
  if (first === 0xf0) return buffer.at(-1) === 0xf7;
  return buffer.length === lengthOf(first);
}

function lengthOf(command: number): number {
  if (command === 0xf4 || command === 0xf5) return 3;
  const kind = command & 0xf0;
  if (kind === 0x90 || kind === 0xe0) return 3;
  return kind === 0xc0 || kind === 0xd0 ? 2 : 1;
}

function commandOf([command = 0, low = 0, high = 0, ...rest]: readonly number[]): HostCommand | undefined {
  const index = command & 0x0f;
  switch (command) {
    case 0xf0:
      return sysexOf(low, [high, ...rest]);
    case 0xf4:
      return { type: 'pinMode', pin: low, mode: high };
    case 0xf5:
      return { type: 'writePin', pin: low, level: high === 0 ? 0 : 1 };
    case 0xf9:
      return { type: 'version' };
    case 0xff:
      return { type: 'systemReset' };
  }
  switch (command & 0xf0) {
    case 0x90:
      return { type: 'writePort', port: index, levels: low | (high << 7) };
    case 0xc0:
      return { type: 'reportChannel', channel: index, on: low !== 0 };
    case 0xd0:
      return { type: 'reportPort', port: index, on: low !== 0 };
    case 0xe0:
      return { type: 'writeAnalog', pin: index, value: low | (high << 7) };
  }
  return undefined;
}

function sysexOf(command: number, [first = 0, second = 0, third = 0]: readonly number[]): HostCommand | undefined {
  switch (command) {
    case 0x69:
      return { type: 'analogMapping' };
    case 0x6b:
      return { type: 'capabilities' };
    case 0x6d:
      return { type: 'pinState', pin: first };
    case 0x6f:
      return { type: 'writeAnalog', pin: first, value: second | (third << 7) };
    case 0x79:
      return { type: 'firmware' };
    case 0x7a:
      return { type: 'samplingInterval', ms: first | (second << 7) };
  }
  return undefined;
}
