import type { ByteDuplex } from '../byte-duplex.ts';
import { realTime, type Scheduler } from '../nodes/scheduler.ts';
import { AirChannel } from './air-channel.ts';
import { Digipeater } from './digipeater.ts';
import { duplexPair } from './duplex.ts';
import { KissTnc, type TncParameters } from './kiss-tnc.ts';
import { RadioReceiver } from './radio-receiver.ts';
import { TncServer } from './tnc-server.ts';

export interface RadioWorldOptions {
  /** Call sign of the receiving station. Default `N0CALL-1`. */
  readonly callsign?: string;
  /** Bit rate on the air. Default 1200. */
  readonly bitsPerSecond?: number;
  /** The same seed gives the same losses and waits. Default 1. */
  readonly seed?: number;
  /** Share of receptions that are lost to noise, 0…1. Default 0. */
  readonly loss?: number;
  /** True if overlapping transmissions destroy each other. Default true. */
  readonly collisions?: boolean;
  /** Time from key-up until the other station notices. Default 0. */
  readonly detectMs?: number;
  /**
   * Digipeaters between the gateway and the receiving station, in order from the gateway. Each
   * hears only its neighbours. Default none.
   */
  readonly digipeaters?: readonly string[];
  /** Channel parameters of the receiving station's TNC. */
  readonly farParameters?: Partial<TncParameters>;
  /** Default: real time. */
  readonly scheduler?: Scheduler;
}

/**
 * A gateway's TNC, a channel, and a receiving station with its own TNC. The gateway's end is
 * plugged into a pseudo-terminal (`near.plug`) or served on TCP (`serve`).
 */
export class RadioWorld {
  readonly channel: AirChannel;
  /** The gateway's TNC. */
  readonly near: KissTnc;
  /** The receiving station's TNC. */
  readonly far: KissTnc;
  readonly receiver: RadioReceiver;
  readonly digipeaters: readonly Digipeater[];
  readonly #digipeaterTncs: readonly KissTnc[];
  #server: TncServer | undefined;

  constructor(options: RadioWorldOptions = {}) {
    const { callsign = 'N0CALL-1', bitsPerSecond = 1200, seed = 1, scheduler = realTime } = options;
    const { loss = 0, collisions = true, detectMs = 0 } = options;
    this.channel = new AirChannel({ bitsPerSecond, seed, scheduler, loss, collisions, detectMs });
    this.near = new KissTnc({ channel: this.channel, scheduler, seed: seed + 1 });
    const parameters = options.farParameters ?? {};
    this.far = new KissTnc({ channel: this.channel, scheduler, seed: seed + 2, parameters });
    const [station, tnc] = duplexPair();
    this.far.plug(tnc);
    const between = options.digipeaters ?? [];
    this.receiver = new RadioReceiver({ callsign, tnc: station, scheduler, digipeaters: [...between].reverse() });
    this.#digipeaterTncs = between.map(
      (_, index) => new KissTnc({ channel: this.channel, scheduler, seed: seed + 3 + index, parameters }),
    );
    this.digipeaters = this.#digipeaterTncs.map((one, index) => {
      const [digipeater, cable] = duplexPair();
      one.plug(cable);
      return new Digipeater({ callsign: between[index] ?? '', tnc: digipeater, scheduler });
    });
    this.#separate([this.near, ...this.#digipeaterTncs, this.far]);
  }

  #separate(chain: readonly KissTnc[]): void {
    chain.forEach((one, index) => {
      for (const other of chain.slice(index + 2)) this.channel.separate(one, other);
    });
  }

  /** Serves the gateway's TNC on TCP. `port` 0 stands for any free port. */
  async serve(port = 0): Promise<TncServer> {
    this.#server = new TncServer(this.near, { port });
    await this.#server.listen();
    return this.#server;
  }

  /** Connects the gateway's TNC to a serial cable. Returns a function that unplugs it. */
  plug(cable: ByteDuplex): () => void {
    return this.near.plug(cable);
  }

  async close(): Promise<void> {
    await this.#server?.close();
    this.receiver.close();
    for (const digipeater of this.digipeaters) digipeater.close();
    for (const tnc of [this.near, this.far, ...this.#digipeaterTncs]) tnc.close();
    this.channel.close();
  }
}
