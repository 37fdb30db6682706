import { isoTime } from '../../protocol/wall-time.ts';
import type { Context } from './context.ts';
import type { Report } from './report.ts';
import { troubleReport } from './reports.ts';
import type { TroubleTypeName } from './trouble-types.ts';

export interface Place {
  readonly zone: number;
  readonly area: number;
}

interface Standing {
  readonly id: string;
  readonly type: TroubleTypeName;
  readonly subject: string;
  readonly text: string;
  readonly zone: number;
  readonly area: number;
  readonly sinceWallMs: number;
}

const NOWHERE: Place = { zone: 0, area: 0 };

/**
 * The troubles that stand now. Raising one that stands, or restoring one that does not, does nothing: one cause, one trouble. Each
 * change is journalled, published, logged and reported to the receivers.
 */
export class Troubles {
  readonly #context: Context;
  readonly #report: (report: Report) => void;
  readonly #standing = new Map<string, Standing>();
  #count = 0;

  constructor(context: Context, report: (report: Report) => void) {
    this.#context = context;
    this.#report = report;
  }

  stands(type: TroubleTypeName, subject: string): boolean {
    return this.#standing.has(`${type}.${subject}`);
  }

  raise(type: TroubleTypeName, subject: string, text: string, { zone, area }: Place = NOWHERE): void {
    const key = `${type}.${subject}`;
    if (this.#standing.has(key)) return;
    const sinceWallMs = this.#context.now.wallMs;
    const trouble: Standing = { id: this.#newId(key), type, subject, text, zone, area, sinceWallMs };
    this.#standing.set(key, trouble);
    this.#context.log('warn', 'trouble', { type, subject, text });
    this.#record(trouble, 'standing', sinceWallMs);
    this.#report(troubleReport({ ...trouble, occurredMs: sinceWallMs }, 'standing'));
  }

  restore(type: TroubleTypeName, subject: string): void {
    const key = `${type}.${subject}`;
    const trouble = this.#standing.get(key);
    if (trouble === undefined) return;
    this.#standing.delete(key);
    const atMs = this.#context.now.wallMs;
    this.#context.log('info', 'trouble.restored', { type, subject, text: trouble.text });
    this.#record(trouble, 'restored', atMs);
    this.#report(troubleReport({ ...trouble, occurredMs: atMs }, 'restored'));
  }

  /** Something that happened and does not stand: reported once. */
  notice(type: TroubleTypeName, subject: string, text: string, { zone, area }: Place = NOWHERE): void {
    const occurredMs = this.#context.now.wallMs;
    const id = this.#newId(`${type}.${subject}`);
    this.#context.log('warn', 'trouble.notice', { type, subject, text });
    this.#context.journal({ t: 'trouble', at: occurredMs, id, type, subject, state: 'notice', text, zone, area });
    this.#report(troubleReport({ id, type, text, zone, area, occurredMs }, 'standing'));
  }

  /** A trouble that stood when the gateway stopped; it is not reported again. */
  restoreStanding(trouble: Standing): void {
    this.#standing.set(`${trouble.type}.${trouble.subject}`, trouble);
  }

  publishAll(): void {
    for (const trouble of this.#standing.values()) this.#publish(trouble);
  }

  /** Unique over restarts, because the session is. */
  #newId(key: string): string {
    this.#count += 1;
    return `${key}.${this.#context.session}.${this.#count}`;
  }

  #record(trouble: Standing, state: 'standing' | 'restored', at: number): void {
    const { id, type, subject, text, zone, area } = trouble;
    const key = `trouble:${id}`;
    const record = { t: 'trouble', at, id, type, subject, state, text, zone, area } as const;
    this.#context.journal(record, state === 'standing' ? { holds: key } : { releases: key });
    this.#publish(trouble, state === 'restored' ? at : undefined);
  }

  #publish(trouble: Standing, restoredMs?: number): void {
    const { id, type, text, sinceWallMs } = trouble;
    const base = { id, type, text, since_at: isoTime(sinceWallMs) };
    const document =
      restoredMs === undefined
        ? ({ ...base, state: 'standing' } as const)
        : ({ ...base, state: 'restored', restored_at: isoTime(restoredMs) } as const);
    this.#context.publish({ kind: 'trouble', document });
  }
}
