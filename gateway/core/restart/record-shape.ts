import type { JournalRecord, KeptKey, KeptRecord, SavedWindow } from '../journal-record.ts';

/** Fields that a record of the type must have. */
const NEEDS: Record<JournalRecord['t'], readonly (readonly [field: string, type: 'string' | 'number' | 'object'])[]> = {
  session: [['session', 'number']],
  alert: [
    ['id', 'string'],
    ['device', 'string'],
    ['kind', 'string'],
    ['epoch', 'number'],
    ['counter', 'number'],
    ['report', 'object'],
    ['sequences', 'object'],
  ],
  report: [
    ['report', 'object'],
    ['sequences', 'object'],
  ],
  attempt: [
    ['report', 'string'],
    ['path', 'string'],
    ['n', 'number'],
    ['format', 'number'],
  ],
  outcome: [
    ['report', 'string'],
    ['path', 'string'],
    ['outcome', 'string'],
  ],
  heard: [
    ['device', 'string'],
    ['epoch', 'number'],
    ['counter', 'number'],
  ],
  notConfirmed: [['alert', 'string']],
  closed: [
    ['alert', 'string'],
    ['state', 'string'],
  ],
  trouble: [
    ['id', 'string'],
    ['type', 'string'],
    ['subject', 'string'],
    ['text', 'string'],
    ['state', 'string'],
  ],
  settled: [['report', 'string']],
  routed: [
    ['report', 'string'],
    ['to', 'object'],
  ],
  drill: [
    ['scope', 'string'],
    ['state', 'string'],
    ['startedAt', 'number'],
    ['endsAt', 'number'],
    ['leftMs', 'number'],
  ],
  kept: [
    ['of', 'object'],
    ['progress', 'object'],
  ],
  counters: [
    ['devices', 'object'],
    ['sequences', 'object'],
  ],
};

/**
 * False for a record that another version of the gateway wrote and this one can't read. A journal
 * is kept over updates and downgrades, and one record that is not understood must not keep the
 * gateway from starting.
 */
export function isReadable(record: JournalRecord): boolean {
  const needs = Object.hasOwn(NEEDS, record.t) ? NEEDS[record.t] : undefined;
  if (needs === undefined || !has(record, needs)) return false;
  if (record.t === 'kept') return isRaised(record.of) && isListOfProgress(record.progress);
  return record.t !== 'alert' && record.t !== 'report' ? true : has(record.report, REPORT);
}

function isRaised(of: KeptRecord['of']): boolean {
  return (of.t === 'alert' || of.t === 'report') && isReadable(of);
}

function isListOfProgress(progress: unknown): boolean {
  const isProgress = (each: unknown): boolean =>
    typeof each === 'object' && each !== null && 't' in each && each.t !== 'kept' && isReadable(each as JournalRecord);
  return Array.isArray(progress) && progress.every(isProgress);
}

const REPORT = [
  ['id', 'string'],
  ['class', 'string'],
  ['text', 'string'],
] as const;

function has(value: object, needs: (typeof NEEDS)['session']): boolean {
  const fields = value as Readonly<Record<string, unknown>>;
  return needs.every(([field, type]) => typeof fields[field] === type && fields[field] !== null);
}

/** True for a saved window of a device. */
export function isWindow(saved: unknown): saved is SavedWindow {
  if (!Array.isArray(saved)) return false;
  const [epoch, highest, seen, key, floor]: readonly unknown[] = saved;
  const isCounted = Number.isInteger(epoch) && Number.isInteger(highest);
  const isNamed = key === undefined || key === null || typeof key === 'string';
  const isFloor = floor === undefined || Number.isInteger(floor);
  return isCounted && isNamed && isFloor && typeof seen === 'string' && /^[0-9a-f]{1,16}$/.test(seen);
}

/** True for a list of a device's keys. */
export function areKeys(saved: unknown): saved is readonly KeptKey[] {
  return Array.isArray(saved) && saved.every(isKey);
}

function isKey(saved: unknown): boolean {
  if (!Array.isArray(saved)) return false;
  const [fingerprint, generation, heard]: readonly unknown[] = saved;
  return typeof fingerprint === 'string' && Number.isInteger(generation) && (heard === null || isWindow(heard));
}
