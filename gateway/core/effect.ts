import type { Publication } from '../../protocol/mqtt-documents.ts';
import type { JournalEntry } from './journal-record.ts';
import type { Attempt } from './report.ts';
import type { Identity, WallStatus } from './signal.ts';

/**
 * What the core wants done. The effects of one input are carried out in the order given, but those
 * that are urgent before all others.
 */
export type Effect =
  | { readonly type: 'send'; readonly attempt: Attempt }
  /**
   * The core waits no longer: the driver drops the connection the attempt was on and reports
   * nothing more of it.
   */
  | { readonly type: 'abandon'; readonly path: string; readonly attempt: number }
  | {
      readonly type: 'answer';
      readonly input: string;
      readonly device: string;
      readonly identity: Identity;
      readonly status: WallStatus;
    }
  /**
   * The wall is to show nothing from now on, or to show again. `identity`: of the frame that told
   * its present mode.
   */
  | {
      readonly type: 'silence';
      readonly input: string;
      readonly device: string;
      readonly identity: Identity;
      readonly silent: boolean;
    }
  /**
   * A relay or LED on an input's board is to be on or off; said again when the input comes back.
   */
  | { readonly type: 'output'; readonly input: string; readonly output: string; readonly on: boolean }
  /** `number` rises by one with each record; `durable` inputs refer to it. */
  | { readonly type: 'journal'; readonly number: number; readonly entry: JournalEntry }
  | { readonly type: 'publish'; readonly publication: Publication; readonly number?: number }
  | ({ readonly type: 'commandAnswer'; readonly ticket: number } & CommandAnswer)
  | LogEffect;

/**
 * What goes to a receiver waits for nothing else that the same input caused. An `abandon` is urgent
 * with the `send` that needs its place, and goes before it, as the core gives them.
 */
export function isUrgent({ type }: Effect): boolean {
  return type === 'send' || type === 'abandon';
}

/** What became of a command, for whoever waits for it with a ticket. `text`: for a person. */
export interface CommandAnswer {
  readonly ok: boolean;
  readonly text: string;
}

/** One line per change of state. */
export interface LogEffect {
  readonly type: 'log';
  readonly level: 'info' | 'warn' | 'error';
  readonly event: string;
  readonly fields: Readonly<Record<string, string | number | boolean>>;
}
