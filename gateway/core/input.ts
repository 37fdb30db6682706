import type { MonoMs } from '../../protocol/clocks.ts';
import type { GatewayCommand } from '../../protocol/gateway-command.ts';
import type { CertificateReading } from './certificate.ts';
import type { JournalRecord } from './journal-record.ts';
import type { Outcome } from './report.ts';
import type { InputCounters, InputHealth, Reception, Signal, UnknownSignal } from './signal.ts';

/** Everything that can happen to the core. */
export type CoreInput =
  | { readonly type: 'signal'; readonly signal: Signal }
  | { readonly type: 'unknownSignal'; readonly signal: UnknownSignal }
  | { readonly type: 'inputHealth'; readonly health: InputHealth }
  | { readonly type: 'reception'; readonly reception: Reception }
  | { readonly type: 'inputCounters'; readonly input: string; readonly counters: InputCounters }
  /** First byte of the attempt was handed to the network. */
  | { readonly type: 'sent'; readonly path: string; readonly attempt: number; readonly atMs: MonoMs }
  | { readonly type: 'outcome'; readonly path: string; readonly attempt: number; readonly outcome: Outcome }
  /** The line of a path's driver has come or gone: a port, a standing connection. */
  | { readonly type: 'pathLink'; readonly path: string; readonly up: boolean }
  /** All journal records up to and with this number are durable. */
  | { readonly type: 'durable'; readonly number: number }
  /** The journal lost a file or directory and went on (`degraded`), can write nowhere (`failed`), or is well again (`ok`). */
  | { readonly type: 'journalHealth'; readonly state: 'ok' | 'degraded' | 'failed'; readonly detail: string }
  /** The log can't be written, or is well again; then `detail` says how many lines are lost, and is empty if none is. */
  /** `lost`: lines of the log that were lost before it was `ok` again */
  | { readonly type: 'logHealth'; readonly state: 'ok' | 'failed'; readonly detail: string; readonly lost: number }
  /** The broker has the publication with this number. */
  | { readonly type: 'published'; readonly number: number; readonly atMs: MonoMs }
  | { readonly type: 'brokerHealth'; readonly state: 'up' | 'down'; readonly detail: string }
  /** Connections at the broker give way to others (`full`), or somebody tries passwords (`guessing`). */
  | {
      readonly type: 'brokerStrain';
      readonly strain: 'full' | 'guessing';
      readonly standing: boolean;
      readonly detail: string;
    }
  /** A certificate was read from its file, at the start or renewed, or shown by a far end. */
  | { readonly type: 'certificate'; readonly certificate: CertificateReading }
  /** `ticket`: whoever asked waits for a `commandAnswer` with it. */
  | { readonly type: 'command'; readonly command: GatewayCommand; readonly ticket?: number }
  /** Records of earlier runs that could not be read before the start. */
  | { readonly type: 'lateRecords'; readonly records: readonly JournalRecord[] }
  /** Handling an input failed by a fault of the gateway's own. */
  | { readonly type: 'defect'; readonly detail: string }
  /** Nothing more is heard, and the gateway ends: what waits for its record is not to be lost with it. */
  | { readonly type: 'stopping' }
  /** The time the core asked to be called at has come. */
  | { readonly type: 'tick' };
