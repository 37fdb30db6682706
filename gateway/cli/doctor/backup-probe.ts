import { backupState, backupStateText, changedMs, lastBackup } from '../backup/last-backup.ts';
import { ok, type Probe, warning } from './finding.ts';

const HOW = 'callpoint backup DIR --passphrase-file FILE, from cron each night, to a disk of another machine.';

/** @param siteFiles the configuration and its keys */
export function backupProbe(dataDirectory: string, siteFiles: readonly string[], nowMs = Date.now()): Probe {
  const look = async () => {
    const backup = backupState(await lastBackup(dataDirectory), nowMs, await changedMs(siteFiles));
    const text = backupStateText(backup);
    if (backup.state === 'ok') return [ok(`${text}: ${backup.last.file}`)];
    return [warning(text, backup.state === 'none' ? `Make one: ${HOW}` : HOW)];
  };
  return { subject: 'backup', look };
}
