import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { makeBackup } from '../../gateway/cli/backup/make-backup.ts';
import { type Restored, type RestoreOptions, restoreBackup } from '../../gateway/cli/backup/restore.ts';
import type { JournalEntry, JournalRecord } from '../../gateway/core/journal-record.ts';
import { JournalEngine } from '../../gateway/journal/journal-engine.ts';
import { nodeJournalFiles } from '../../gateway/journal/journal-files.ts';
import { processOwner } from '../../gateway/journal/process-owner.ts';
import { readJournal } from '../../gateway/journal/read-journal.ts';
import type { WallMs } from '../../protocol/clocks.ts';
import { type SmallSite, type SmallSiteOptions, smallSite } from './support/small-site.ts';

export const PASSPHRASE = 'five words make a passphrase';
export const MADE_MS = Date.UTC(2026, 9, 1) as WallMs;
export const RESTORED_MS = Date.UTC(2026, 10, 20) as WallMs;
const SETTINGS = { segmentBytes: 1024 * 1024, retainMs: 1e12, retainBytes: 1e9 };

export const SESSION: JournalEntry = { record: { t: 'session', at: MADE_MS, session: 7 } };
export const COUNTERS: JournalEntry = {
  record: {
    t: 'counters',
    at: MADE_MS,
    session: 7,
    devices: { 'wb-101': [3, 70, 'ff', 'k1'] },
    sequences: { central: 41 },
  },
  holds: 'counters',
};

/** An alert that no receiver has acknowledged. */
export function alert(id: string): JournalEntry {
  const report = {
    id,
    class: 'alarm',
    text: 'Hold-up, Rm 101',
    sia: 'HA',
    contactId: '122',
    qualifier: 1,
    zone: 101,
    area: 1,
  } as const;
  const device = {
    device: 'wb-101',
    button: 0,
    pattern: 'single',
    epoch: 3,
    counter: 71,
    authenticated: true,
  } as const;
  const about = { id, kind: 'hold-up', location: {}, device: 'wb-101' };
  const record = { t: 'alert', at: MADE_MS, id, kind: 'hold-up', ...device, sequences: { central: 42 } };
  return {
    record: { ...record, report: { ...report, occurredMs: MADE_MS, alert: about } } as unknown as JournalRecord,
    holds: `alert:${id}`,
  };
}

/** A site with a journal, and a place to restore it to. */
export class BackupRig {
  readonly root: string;
  readonly site: SmallSite;

  private constructor(root: string, site: SmallSite) {
    this.root = root;
    this.site = site;
  }

  static async with(entries: readonly JournalEntry[], options: Partial<SmallSiteOptions> = {}): Promise<BackupRig> {
    const site = await smallSite({ receiverPort: 7700, ...options });
    const root = mkdtempSync(join(tmpdir(), 'callpoint-backup-'));
    onTestFinished(() => {
      site.remove();
      rmSync(root, { recursive: true, force: true });
    });
    const rig = new BackupRig(root, site);
    if (entries.length > 0) rig.write(entries);
    return rig;
  }

  get journal(): string {
    return join(this.site.data, 'journal');
  }

  get newSite(): string {
    return join(this.root, 'new', 'site.yaml');
  }

  get newData(): string {
    return join(this.root, 'new', 'data');
  }

  write(entries: readonly JournalEntry[], directory = this.journal): void {
    mkdirSync(directory, { recursive: true });
    const engine = new JournalEngine(
      { ...SETTINGS, directories: [directory] },
      {
        files: nodeJournalFiles(),
        owner: processOwner('rig'),
        monoMs: () => 0,
        wallMs: () => MADE_MS,
        durable: () => undefined,
        health: () => undefined,
      },
    );
    engine.open();
    engine.commit(entries.map((entry, at) => ({ number: at + 1, json: JSON.stringify(entry), ...held(entry) })));
    engine.close();
  }

  async backup(more: { readonly passphrase?: string; readonly withJournal?: boolean } = {}): Promise<string> {
    const { file: config, data } = this.site;
    const options = { config, data, to: this.root, version: '0.1.0', withJournal: true, nowMs: MADE_MS, ...more };
    return (await makeBackup(options)).file;
  }

  restore(file: string, choice?: 'keep' | 'drop', more: Partial<RestoreOptions> = {}): Promise<Restored> {
    return restoreBackup({
      file,
      config: this.newSite,
      data: this.newData,
      nowMs: RESTORED_MS,
      passphrase: async () => PASSPHRASE,
      choose: async () => choice ?? Promise.reject(new Error('asked')),
      ...more,
    });
  }
}

export function recordsIn(directory: string): JournalRecord[] {
  return [...readJournal(directory)].map(({ entry }) => entry.record);
}

function held({ holds }: JournalEntry): { holds?: string } {
  return holds === undefined ? {} : { holds };
}
