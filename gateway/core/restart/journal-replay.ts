import type { WallMs } from '../../../protocol/clocks.ts';
import { skippedNumber } from '../delivery/sequence-numbers.ts';
import { KeyWindows } from '../devices/key-windows.ts';
import type {
  Checkpoint,
  DrillRecord,
  HoldHeard,
  JournalEntry,
  JournalRecord,
  KeptKey,
  SavedButton,
  SavedButtons,
  SavedPacket,
  SavedWindow,
  Sequences,
  TroubleRecord,
} from '../journal-record.ts';
import { troubleReportId } from '../make-report.ts';
import { type ProvenRecord, provenKey, WALK_TEST_KEY, type WalkTestRecord } from '../proof-record.ts';
import type { Report } from '../report.ts';
import type { Texts } from '../texts.ts';
import { OpenReport } from './open-report.ts';
import { OpenReports } from './open-reports.ts';
import { areKeys, isPacket, isReadable, isSavedButton, isWindow } from './record-shape.ts';
import type { RecoveredState } from './recovered-state.ts';

/**
 * Adds the journal's records up, oldest first. It ignores records about unknown reports: those were
 * older than the kept ones. It remembers only what is open, what stands and the counters, and can
 * write that as few records.
 */
export class JournalReplay {
  readonly #open: OpenReports;
  readonly #troubles = new Map<string, TroubleRecord>();
  readonly #unreported = new Map<string, TroubleRecord>();
  readonly #sequences = new Map<string, number>();
  readonly #windows = new Map<string, KeyWindows>();
  readonly #buttons = new Map<string, Map<string, SavedButton>>();
  readonly #drills = new Map<string, DrillRecord>();
  readonly #packets = new Map<string, SavedPacket>();
  readonly #holds = new Map<string, HoldHeard>();
  /** By key: the last proofs of each item. */
  readonly #proven = new Map<string, ProvenRecord>();
  #walkTest: WalkTestRecord | undefined;
  #session = 0;
  #sessionAt = 0 as WallMs;
  #unreadable = 0;

  /**
   * @param texts where delivered alerts are kept that nothing more is expected of
   * @param deliveredMax delivered alerts that are kept ready for further records; tests set fewer
   */
  constructor(texts: Texts = new Map(), deliveredMax = 256) {
    this.#open = new OpenReports(deliveredMax, texts);
  }

  add(record: JournalRecord): void {
    if (!isReadable(record)) {
      this.#unreadable += 1;
      return;
    }
    switch (record.t) {
      case 'session':
        this.#began(record.session, record.at);
        break;
      case 'counters':
        this.#checkpoint(record);
        break;
      case 'fromBackup':
        this.#began(record.session, record.at);
        for (const windows of this.#windows.values()) windows.doubt();
        this.#endExercises();
        for (const [path, last] of this.#sequences) this.#sequences.set(path, skippedNumber(last));
        break;
      case 'clockSet':
        // For readers of the journal: a start has its own clocks.
        break;
      case 'heard':
        this.#windowsOf(record.device).of(record.key).accept(record);
        break;
      case 'button':
        if (isSavedButton(record.heard)) this.#buttonsOf(record.device).set(record.button, record.heard);
        break;
      case 'trouble':
        this.#trouble(record);
        break;
      case 'alert':
        this.#windowsOf(record.device).of(record.key).accept(record);
        this.#note(record.sequences);
        this.#holds.delete(record.id);
        this.#open.add(record.id, new OpenReport(record));
        break;
      case 'packet':
        if (isPacket(record.packet)) this.#packets.set(record.device, record.packet);
        break;
      case 'hold':
        this.#holds.set(record.id, record);
        break;
      case 'holdOver':
        this.#holds.delete(record.hold);
        break;
      case 'report':
        this.#note(record.sequences);
        this.#unreported.delete(record.report.id);
        this.#aboutAlert(record.report);
        this.#open.add(record.report.id, new OpenReport(record));
        break;
      case 'kept':
        this.#open.add(record.of.report.id, OpenReport.from(record));
        break;
      case 'drill':
        if (record.state === 'running') this.#drills.set(record.scope, record);
        else this.#drills.delete(record.scope);
        break;
      case 'walkTest':
        this.#walkTest = record;
        break;
      case 'proven':
        this.#proven.set(provenKey(record), record);
        break;
      case 'settled':
        this.#open.delete(record.report);
        break;
      default:
        this.#open.apply('report' in record ? record.report : record.alert, record);
    }
  }

  /**
   * What ran when the backup was made may have been stopped since. A press that is taken for an
   * exercise may cost a life, so the next start ends all of them at once.
   */
  #endExercises(): void {
    for (const [scope, drill] of this.#drills) this.#drills.set(scope, { ...drill, leftMs: 0 });
    if (this.#walkTest !== undefined) this.#walkTest = { ...this.#walkTest, leftMs: 0 };
  }

  state(): RecoveredState {
    const open = [...this.#open];
    return {
      session: this.#session,
      alerts: open.flatMap((each) => (each.of.t === 'alert' ? [each.keptAlert(each.of)] : [])),
      reports: open.flatMap(({ of, report, sequences, deliveries, to }) => {
        return of.t === 'report' ? [{ report, sequences, deliveries, to }] : [];
      }),
      troubles: [...this.#troubles.values()],
      unreported: [...this.#unreported.values()],
      windows: this.#windows,
      buttons: this.#buttons,
      packets: this.#packets,
      sequences: this.#sequences,
      drills: [...this.#drills.values()],
      holds: [...this.#holds.values()],
      walkTest: this.#walkTest,
      proven: [...this.#proven.values()],
      unreadable: this.#unreadable,
    };
  }

  /**
   * Entries that add up to the same as everything so far: `first`, then one for each of the keys,
   * then `last`. New records may be written between them, because each entry is made only when it
   * is asked for.
   *
   * @param isAtOnce nothing is written between them
   */
  first(isAtOnce = false): JournalEntry[] {
    const session: JournalEntry = { record: { t: 'session', at: this.#sessionAt, session: this.#session } };
    const isNext = (record: TroubleRecord): boolean => isAtOnce && this.#troubles.get(keyOf(record)) === record;
    const unreported = [...this.#unreported.values()].filter((record) => !isNext(record));
    // A standing trouble has an entry of its own, but it may be over before that is written.
    return [session, ...unreported.map((record): JournalEntry => ({ record: notStanding(record) }))];
  }

  *keys(): Iterable<string> {
    yield* this.#open.keys();
    for (const { id } of this.#troubles.values()) yield `trouble:${id}`;
    for (const scope of this.#drills.keys()) yield `drill:${scope}`;
    for (const id of this.#holds.keys()) yield `hold:${id}`;
    if (this.#walkTest !== undefined) yield WALK_TEST_KEY;
    yield* this.#proven.keys();
  }

  /** @returns `undefined` for what is over by now */
  entries(keys: Iterable<string>): JournalEntry[] {
    const wanted = new Set(keys);
    const all: JournalEntry[] = [];
    for (const open of this.#open.withKeys(wanted)) all.push({ record: open.kept(), holds: open.key });
    for (const trouble of this.#troubles.values()) {
      const holds = `trouble:${trouble.id}`;
      const isReported = !this.#unreported.has(troubleReportId(trouble));
      if (wanted.has(holds)) all.push({ record: isReported ? { ...trouble, reported: true } : trouble, holds });
    }
    for (const [scope, record] of this.#drills) {
      const holds = `drill:${scope}`;
      if (wanted.has(holds)) all.push({ record, holds });
    }
    for (const [id, record] of this.#holds) {
      const holds = `hold:${id}`;
      if (wanted.has(holds)) all.push({ record, holds });
    }
    if (this.#walkTest !== undefined && wanted.has(WALK_TEST_KEY)) {
      all.push({ record: this.#walkTest, holds: WALK_TEST_KEY });
    }
    for (const [holds, record] of this.#proven) {
      if (wanted.has(holds)) all.push({ record, holds });
    }
    return all;
  }

  /** JSON of the record that `entries` has for the key, if that is kept as a text. */
  textOf(key: string): string | undefined {
    return this.#open.textOf(key);
  }

  last(): JournalEntry {
    const devices: Record<string, SavedWindow> = {};
    const keys: Record<string, readonly KeptKey[]> = {};
    for (const [device, windows] of this.#windows) {
      const { heard, kept } = windows.saved();
      if (heard !== undefined) devices[device] = heard;
      if (kept !== undefined) keys[device] = kept;
    }
    const sequences = Object.fromEntries(this.#sequences);
    const several = Object.keys(keys).length > 0 ? { keys } : {};
    const buttons: Record<string, SavedButtons> = {};
    for (const [device, heard] of this.#buttons) buttons[device] = Object.fromEntries(heard);
    const said = this.#buttons.size > 0 && { buttons };
    const packets = this.#packets.size > 0 && { packets: Object.fromEntries(this.#packets) };
    const counted = { devices, ...several, ...said, ...packets, sequences };
    return { record: { t: 'counters', at: this.#sessionAt, session: this.#session, ...counted }, holds: 'counters' };
  }

  #began(session: number, at: WallMs): void {
    if (session < this.#session) return;
    this.#session = session;
    this.#sessionAt = at;
  }

  #checkpoint({ at, devices, keys, buttons, packets, session, sequences }: Checkpoint): void {
    for (const [device, saved] of Object.entries(buttons ?? {})) {
      for (const [button, heard] of Object.entries(saved)) {
        if (isSavedButton(heard)) this.#buttonsOf(device).set(button, heard);
      }
    }
    for (const [device, saved] of Object.entries(packets ?? {})) {
      if (isPacket(saved)) this.#packets.set(device, saved);
    }
    for (const [device, saved] of Object.entries(keys ?? {})) {
      if (areKeys(saved)) for (const key of saved) this.#windowsOf(device).recover(key);
    }
    for (const [device, saved] of Object.entries(devices)) {
      if (!isWindow(saved)) continue;
      const [, , , key] = saved;
      this.#windowsOf(device)
        .of(key ?? undefined)
        .recover(saved);
    }
    this.#began(session ?? 0, at);
    this.#note(sequences);
  }

  #trouble(record: TroubleRecord): void {
    if (!record.reported) this.#unreported.set(troubleReportId(record), record);
    if (record.state === 'standing') this.#troubles.set(keyOf(record), record);
    // The journal may repeat the restoral of an earlier trouble that has no report yet.
    else if (record.state === 'restored' && this.#troubles.get(keyOf(record))?.id === record.id) {
      this.#troubles.delete(keyOf(record));
    }
  }

  #aboutAlert(report: Report): void {
    if (report.follows !== undefined) this.#open.followedBy(report.follows, report);
  }

  #note(sequences: Sequences): void {
    for (const [path, sequence] of Object.entries(sequences)) {
      if (Number.isInteger(sequence)) this.#sequences.set(path, sequence);
    }
  }

  #buttonsOf(device: string): Map<string, SavedButton> {
    const buttons = this.#buttons.get(device) ?? new Map<string, SavedButton>();
    this.#buttons.set(device, buttons);
    return buttons;
  }

  #windowsOf(device: string): KeyWindows {
    const windows = this.#windows.get(device) ?? new KeyWindows();
    this.#windows.set(device, windows);
    return windows;
  }
}

/** Replays the records, oldest first. */
export function recoveredState(records: readonly JournalRecord[]): RecoveredState {
  const replay = new JournalReplay();
  for (const record of records) replay.add(record);
  return replay.state();
}

/** As few records as possible that add up to the same. */
export function compacted(records: readonly JournalRecord[]): JournalRecord[] {
  const replay = new JournalReplay();
  for (const record of records) replay.add(record);
  return replayed(replay).map(({ record }) => record);
}

/** As above, with the keys. */
export function replayed(replay: JournalReplay): JournalEntry[] {
  const all = [...replay.first(true), ...replay.entries(replay.keys()), replay.last()];
  return all.filter(({ record }) => !saysNothing(record));
}

function saysNothing(record: JournalRecord): boolean {
  if (record.t === 'session') return record.session === 0;
  if (record.t !== 'counters') return false;
  const { devices, keys, buttons, packets, sequences } = record;
  return Object.keys({ ...devices, ...keys, ...buttons, ...packets, ...sequences }).length === 0;
}

function keyOf({ type, subject }: TroubleRecord): string {
  return `${type}.${subject}`;
}

/** The trouble has no report yet. Another entry says whether it stands. */
function notStanding(record: TroubleRecord): TroubleRecord {
  return record.state === 'standing' ? { ...record, state: 'notice' } : record;
}
