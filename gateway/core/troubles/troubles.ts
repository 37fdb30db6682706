import { after, LONG_AGO_MS, type MonoMs, type WallMs } from '../../../protocol/clocks.ts';
import type { Context } from '../context.ts';
import { troubleDocument } from '../documents.ts';
import type { TroubleRecord } from '../journal-record.ts';
import { troubleReport } from '../make-report.ts';
import type { Report } from '../report.ts';
import type { TroubleTypeName } from '../trouble-types.ts';

export interface Place {
  readonly zone: number;
  readonly area: number;
}

/** What is said of a trouble. */
export interface TroubleText {
  /**
   * For everybody, and all that a receiver gets: what is wrong with which device, input or path,
   * and where. Short and plain, without paths of files, processes, hosts or commands.
   */
  readonly text: string;
  /** For the administrator: what the driver, the disk or the far end said, and what to do. */
  readonly detail?: string;
}

interface Standing extends TroubleText {
  readonly id: string;
  readonly type: TroubleTypeName;
  readonly subject: string;
  readonly zone: number;
  readonly area: number;
  readonly sinceWallMs: WallMs;
}

const NOWHERE: Place = { zone: 0, area: 0 };
/**
 * A trouble that comes back within this time is flapping. From then on it stands until its cause
 * has been away for as long.
 */
const FLAPPING_MS = 60_000;

/**
 * The troubles that stand now. Raising one that stands, or restoring one that does not, does
 * nothing: one cause, one trouble. Each change is journalled, published, logged and reported to the
 * receivers. A cause that comes and goes many times a minute (a bad connector, a disk that stalls)
 * would bury everything else, so it is reported once.
 */
export class Troubles {
  readonly #context: Context;
  readonly #report: (report: Report) => void;
  readonly #standing = new Map<string, Standing>();
  /** When troubles were last restored. */
  readonly #restoredMs = new Map<string, MonoMs>();
  readonly #flapping = new Set<string>();
  /** What a flapping trouble has cost. Its restoral says so. */
  readonly #losses = new Map<string, string>();
  #count = 0;

  constructor(context: Context, report: (report: Report) => void) {
    this.#context = context;
    this.#report = report;
  }

  stands(type: TroubleTypeName, subject: string): boolean {
    return this.#standing.has(`${type}.${subject}`);
  }

  /** What stands, as it was told last; `undefined`: it does not stand. */
  textOf(type: TroubleTypeName, subject: string): string | undefined {
    return this.#standing.get(`${type}.${subject}`)?.text;
  }

  anyStands(): boolean {
    return this.#standing.size > 0;
  }

  raise(type: TroubleTypeName, subject: string, said: TroubleText, { zone, area }: Place = NOWHERE): void {
    const key = `${type}.${subject}`;
    this.#context.timers.clear({ type: 'flappingEnd', trouble: type, subject });
    if (this.#standing.has(key)) return;
    const { wallMs: sinceWallMs, monoMs } = this.#context.now;
    if (monoMs - (this.#restoredMs.get(key) ?? LONG_AGO_MS) < FLAPPING_MS) this.#flapping.add(key);
    const trouble: Standing = { id: this.#newId(key), type, subject, ...said, zone, area, sinceWallMs };
    this.#standing.set(key, trouble);
    this.#context.log('warn', 'trouble', { type, subject, ...said });
    this.#record(trouble, 'standing', sinceWallMs);
    this.#report(troubleReport({ ...trouble, occurredMs: sinceWallMs }, 'standing'));
  }

  /**
   * The trouble has another cause now. The receivers know that it stands, and hear nothing new
   * before it is over.
   */
  reword(type: TroubleTypeName, subject: string, { text, detail }: TroubleText): void {
    const key = `${type}.${subject}`;
    const trouble = this.#standing.get(key);
    if (trouble === undefined || (trouble.text === text && trouble.detail === detail)) return;
    const { detail: _, ...rest } = trouble;
    const said = { text, ...detailOf(detail) };
    const reworded = { ...rest, ...said };
    this.#standing.set(key, reworded);
    this.#context.log('warn', 'trouble.reworded', { type, subject, ...said });
    this.#journalStanding(reworded);
    this.#publish(reworded);
  }

  /**
   * The trouble stands for this cause. It may stand already for another one, or since an earlier
   * run.
   */
  raiseOrReword(type: TroubleTypeName, subject: string, said: TroubleText, place: Place = NOWHERE): void {
    this.raise(type, subject, said, place);
    this.reword(type, subject, said);
  }

  /**
   * @param loss what it has cost since it was raised, if that is known only now; `''` for nothing
   */
  restore(type: TroubleTypeName, subject: string, loss = ''): void {
    const key = `${type}.${subject}`;
    const standing = this.#standing.get(key);
    if (standing === undefined) return;
    const { timers, now } = this.#context;
    if (this.#flapping.has(key)) {
      if (loss !== '') this.#losses.set(key, loss);
      const end = { type: 'flappingEnd', trouble: type, subject } as const;
      if (!timers.has(end)) timers.set(end, after(now.monoMs, FLAPPING_MS));
      return;
    }
    this.#standing.delete(key);
    this.#losses.delete(key);
    this.#restoredMs.set(key, now.monoMs);
    const atMs = now.wallMs;
    const { text, detail: before } = standing;
    const detail = loss === '' ? before : [...(before === undefined ? [] : [before]), loss].join('; ');
    const trouble = { ...standing, ...detailOf(detail) };
    this.#context.log('info', 'trouble.ended', { type, subject, text, ...detailOf(detail) });
    this.#record(trouble, 'restored', atMs);
    this.#report(troubleReport({ ...trouble, occurredMs: atMs }, 'restored'));
  }

  /** The cause of a flapping trouble has been away for `FLAPPING_MS`. */
  flappingOver(type: TroubleTypeName, subject: string): void {
    const key = `${type}.${subject}`;
    this.#flapping.delete(key);
    this.restore(type, subject, this.#losses.get(key));
  }

  /** Reports something that happened and does not stand. Returns the id of the report. */
  notice(type: TroubleTypeName, subject: string, said: TroubleText, { zone, area }: Place = NOWHERE): string {
    const occurredMs = this.#context.now.wallMs;
    const id = this.#newId(`${type}.${subject}`);
    this.#context.log('warn', 'trouble.notice', { type, subject, ...said });
    this.#context.journal({ t: 'trouble', at: occurredMs, id, type, subject, state: 'notice', ...said, zone, area });
    this.#report(troubleReport({ id, type, text: said.text, zone, area, occurredMs }, 'standing'));
    return id;
  }

  /** Recovers a trouble that stood when the gateway stopped. It is not reported again. */
  recoverStanding({ id, type, subject, text, detail, zone, area, at }: TroubleRecord): void {
    const key = `${type}.${subject}`;
    if (this.#standing.has(key)) return;
    this.#standing.set(key, { id, type, subject, text, ...detailOf(detail), zone, area, sinceWallMs: at });
  }

  /**
   * Makes the report of a trouble whose record is there: the gateway stopped before it wrote that
   * of the report.
   */
  reportKept({ id, type, text, zone, area, at, state }: TroubleRecord): void {
    const details = { id, type, text, zone, area, occurredMs: at };
    this.#report(troubleReport(details, state === 'restored' ? 'restored' : 'standing'));
  }

  /**
   * Writes the standing troubles once more, so that the journal may drop everything since they
   * began.
   */
  journalAll(): void {
    for (const trouble of this.#standing.values()) this.#journalStanding(trouble);
  }

  #journalStanding({ id, sinceWallMs: at, ...details }: Standing): void {
    const record = { t: 'trouble', at, id, ...details, state: 'standing', reported: true } as const;
    this.#context.journal(record, { holds: `trouble:${id}` });
  }

  /** Restores the troubles of what the configuration no longer has: nothing else ever would. */
  restoreAllBut(possible: ReadonlySet<string>): void {
    for (const [key, { type, subject }] of this.#standing) if (!possible.has(key)) this.restore(type, subject);
  }

  publishAll(): void {
    for (const trouble of this.#standing.values()) this.#publish(trouble);
  }

  /** Unique over restarts, because the session is. */
  #newId(key: string): string {
    this.#count += 1;
    return `${key}.${this.#context.session}.${this.#count}`;
  }

  #record(trouble: Standing, state: 'standing' | 'restored', at: WallMs): void {
    const { id, type, subject, text, detail, zone, area } = trouble;
    const key = `trouble:${id}`;
    const record = { t: 'trouble', at, id, type, subject, state, text, ...detailOf(detail), zone, area } as const;
    this.#context.journal(record, state === 'standing' ? { holds: key } : { releases: key });
    this.#publish(trouble, state === 'restored' ? at : undefined);
  }

  #publish(trouble: Standing, restoredMs?: WallMs): void {
    const document = troubleDocument(trouble, this.#context.site, restoredMs);
    this.#context.publish({ kind: 'trouble', document });
  }
}

function detailOf(detail: string | undefined): { readonly detail?: string } {
  return detail === undefined ? {} : { detail };
}
