import type { FrameEntry } from '../../protocol/recording/recording.ts';
import type { GatewayNeeds } from '../site/wire.ts';

/** The far end of one input's wire, which does again what it did in a recording. */
export interface ReplayWire {
  /** Called with each frame before the first one is played. */
  prepare?(frame: FrameEntry): void;
  /** Called with each frame of the input, in order. Resolves when it is on the wire. */
  play(frame: FrameEntry): Promise<void> | void;
  /** Resolves when a gateway may be started. */
  readonly ready?: Promise<void>;
  /** The gateway's input is up, and nothing was played yet. */
  begin?(): Promise<void>;
  /** Returns true if the gateway has taken all that was played. */
  isRead(): boolean;
  stop(): Promise<void> | void;
  readonly gatewayNeeds?: GatewayNeeds;
}
