import type { Publication } from '../../protocol/mqtt-documents.ts';
import type { JournalEntry } from './journal-record.ts';
import type { Attempt } from './report.ts';
import type { Identity, WallStatus } from './signal.ts';

/**
 * An action that the core requests. The effects of one input are carried out in their order, except
 * that urgent ones go first.
 */
export type Effect =
  | { readonly type: 'send'; readonly attempt: Attempt }
  /**
   * The core waits no longer. The driver drops the attempt's connection and reports nothing more
   * about the attempt.
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
   * Makes the wall show nothing from now on, or show again. `identity`: of the frame that reported
   * its present mode.
   */
  | {
      readonly type: 'silence';
      readonly input: string;
      readonly device: string;
      readonly identity: Identity;
      readonly silent: boolean;
    }
  /** Switches a relay or LED on an input's board on or off. Repeated when the input comes back. */
  | { readonly type: 'output'; readonly input: string; readonly output: string; readonly on: boolean }
  /** `number` rises by one with each record; `durable` inputs refer to it. */
  | { readonly type: 'journal'; readonly number: number; readonly entry: JournalEntry }
  | { readonly type: 'publish'; readonly publication: Publication; readonly number?: number }
  | ({ readonly type: 'commandAnswer'; readonly ticket: number } & CommandAnswer)
  | LogEffect
  /** Of an internal press: it is answered at once, and leaves the process nowhere. */
  | { readonly type: 'internal'; readonly effect: Effect }
  /** An internal press has gone the whole way. */
  | { readonly type: 'internalPressHandled'; readonly tookMs: number };

/**
 * A message to a receiver waits for nothing else that the same input caused. An `abandon` is as
 * urgent as the `send` that needs its slot, and the core puts it before that `send`.
 */
export function isUrgent(effect: Effect): boolean {
  const { type } = effect;
  return type === 'send' || type === 'abandon' || (type === 'internal' && effect.effect.type === 'send');
}

/**
 * The result of a command, for the caller that waits for it with a ticket. `text`: for a person.
 */
export interface CommandAnswer {
  readonly ok: boolean;
  readonly text: string;
}

/** One line for each change of state. */
export interface LogEffect {
  readonly type: 'log';
  readonly level: 'info' | 'warn' | 'error';
  readonly event: string;
  readonly fields: Readonly<Record<string, string | number | boolean>>;
}
