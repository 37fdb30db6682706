/** The part of firmata-io 2.3.0 that is used. It brings no types. */
declare module 'firmata-io' {
  import type { EventEmitter } from 'node:events';

  interface Pin {
    readonly supportedModes: readonly number[];
    /** Number of its analogue input; 127: it has none. */
    readonly analogChannel: number;
    mode: number | undefined;
    /** Last reported, or last written. */
    value: number;
  }

  interface Transport extends EventEmitter {
    write(bytes: Uint8Array, done?: () => void): void;
  }

  class Firmata extends EventEmitter {
    constructor(transport: Transport, options: { reportVersionTimeout: number; samplingInterval: number });
    readonly MODES: Readonly<Record<'INPUT' | 'OUTPUT' | 'ANALOG' | 'PULLUP', number>>;
    /** Largest reading of an analogue input. */
    readonly RESOLUTION: { readonly ADC: number | null };
    readonly pins: readonly Pin[];
    /** Pin of each analogue input. */
    readonly analogPins: readonly number[];
    readonly firmware: {
      readonly name?: string;
      readonly version?: { readonly major: number; readonly minor: number };
    };
    readonly buffer: unknown[];
    readonly isReady: boolean;
    readonly reportVersionTimeoutId: NodeJS.Timeout;
    pinMode(pin: number, mode: number): void;
    reportAnalogPin(channel: number, on: 0 | 1): void;
    reportDigitalPin(pin: number, on: 0 | 1): void;
  }

  const library: { readonly Firmata: typeof Firmata };
  export default library;
  export type { Firmata, Pin, Transport };
}
