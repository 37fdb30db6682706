import type { MonoMs } from '../../protocol/clocks.ts';
import type { GatewayCommand } from '../../protocol/gateway-command.ts';
import type { CertificateReading } from './certificate.ts';
import type { JournalRecord } from './journal-record.ts';
import type { Reopened } from './reopened.ts';
import type { Outcome } from './report.ts';
import type { BridgeState, InputCounters, InputHealth, Reception, Signal, UnknownSignal } from './signal.ts';
import type { Site } from './site.ts';

/** Everything that can happen to the core. */
export type CoreInput =
  | { readonly type: 'signal'; readonly signal: Signal }
  | { readonly type: 'unknownSignal'; readonly signal: UnknownSignal }
  | { readonly type: 'inputHealth'; readonly health: InputHealth }
  | { readonly type: 'bridge'; readonly state: BridgeState }
  | { readonly type: 'reception'; readonly reception: Reception }
  | { readonly type: 'inputCounters'; readonly input: string; readonly counters: InputCounters }
  /** The first byte of the attempt was handed to the network. */
  | { readonly type: 'sent'; readonly path: string; readonly attempt: number; readonly atMs: MonoMs }
  | { readonly type: 'outcome'; readonly path: string; readonly attempt: number; readonly outcome: Outcome }
  /** The line of a path's driver has come or gone: a port, or a standing connection. */
  | { readonly type: 'pathLink'; readonly path: string; readonly up: boolean }
  /** All journal records up to and including this number are durable. */
  | { readonly type: 'durable'; readonly number: number }
  /**
   * The journal lost a file or directory and continued (`degraded`), can write nowhere (`failed`),
   * or works again (`ok`).
   */
  | { readonly type: 'journalHealth'; readonly state: 'ok' | 'degraded' | 'failed'; readonly detail: string }
  /**
   * The log can't be written, or works again. When it works again, `detail` says how many lines
   * were lost; it is empty if none was.
   */
  /** `lost`: lines of the log that were lost before it was `ok` again */
  | { readonly type: 'logHealth'; readonly state: 'ok' | 'failed'; readonly detail: string; readonly lost: number }
  /** An update was returned by itself; without `detail`: none was, or a person has seen it. */
  | { readonly type: 'updateReturned'; readonly detail: string | undefined }
  /** The broker has accepted the publication with this number. */
  | { readonly type: 'published'; readonly number: number; readonly atMs: MonoMs }
  | { readonly type: 'brokerHealth'; readonly state: 'up' | 'down'; readonly detail: string }
  /**
   * The broker closes connections to make room for others (`full`), or a client guesses passwords
   * (`guessing`).
   */
  | {
      readonly type: 'brokerStrain';
      readonly strain: 'full' | 'guessing';
      readonly standing: boolean;
      readonly detail: string;
    }
  /**
   * The broker turns clients of this account away, or no longer. Without account: clients that have
   * not logged in.
   */
  | {
      readonly type: 'clientTurnedAway';
      readonly account?: string;
      readonly standing: boolean;
      readonly detail: string;
    }
  /** The kernel's wall clock follows a reference, or no longer. */
  | { readonly type: 'clock'; readonly isSynchronised: boolean }
  /** A certificate was read from its file, at the start or renewed, or shown by a far end. */
  | { readonly type: 'certificate'; readonly certificate: CertificateReading }
  /** `ticket`: the caller waits for a `commandAnswer` that carries it. */
  | { readonly type: 'command'; readonly command: GatewayCommand; readonly ticket?: number }
  /** The configuration has changed, and `Core.obstacles` finds nothing in the way. */
  | { readonly type: 'reload'; readonly site: Site; readonly reopened: Reopened }
  /** Records of earlier runs that could not be read before the start. */
  | { readonly type: 'lateRecords'; readonly records: readonly JournalRecord[] }
  /** A defect of the gateway made the handling of an input fail. */
  | { readonly type: 'defect'; readonly detail: string }
  /**
   * No more input will come, because the gateway is ending. What waits for its record must not be
   * lost.
   */
  | { readonly type: 'stopping' }
  /** From now on make an internal press every so many ms. */
  | { readonly type: 'internalPresses'; readonly everyMs: number }
  /** What an effect of an internal press was answered with. */
  | { readonly type: 'internal'; readonly input: CoreInput }
  /** The time has come at which the core asked to be called. */
  | { readonly type: 'tick' };
