import type { JournalRecord, KeptKey, KeptRecord, SavedButton, SavedPacket, SavedWindow } from '../journal-record.ts';

type Fields = Readonly<Record<string, unknown>>;
type Need = readonly [field: string, type: 'string' | 'number' | 'boolean' | 'object' | 'strings'];

/** Fields that a record of the type must have, beside its time. */
const NEEDS: Record<JournalRecord['t'], readonly Need[]> = {
  session: [['session', 'number']],
  fromBackup: [
    ['madeAt', 'number'],
    ['session', 'number'],
  ],
  clockSet: [['byMs', 'number']],
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
  button: [
    ['device', 'string'],
    ['button', 'string'],
    ['heard', 'object'],
  ],
  hold: [
    ['id', 'string'],
    ['device', 'string'],
    ['button', 'number'],
    ['epoch', 'number'],
    ['counter', 'number'],
    ['part', 'number'],
    ['authenticated', 'boolean'],
  ],
  holdOver: [['hold', 'string']],
  packet: [
    ['device', 'string'],
    ['packet', 'object'],
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
    ['to', 'strings'],
  ],
  drill: [
    ['scope', 'string'],
    ['state', 'string'],
    ['startedAt', 'number'],
    ['endsAt', 'number'],
    ['leftMs', 'number'],
  ],
  walkTest: [
    ['id', 'string'],
    ['scope', 'string'],
    ['state', 'string'],
    ['startedAt', 'number'],
    ['endsAt', 'number'],
    ['leftMs', 'number'],
    ['by', 'string'],
    ['tester', 'string'],
    ['reason', 'string'],
    ['commandedAt', 'number'],
  ],
  proven: [
    ['item', 'string'],
    ['proof', 'object'],
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
 * is kept over updates and downgrades, and one unreadable record must not keep the gateway from
 * starting.
 */
export function isReadable(record: JournalRecord): boolean {
  const needs = Object.hasOwn(NEEDS, record.t) ? NEEDS[record.t] : undefined;
  if (needs === undefined || !has(record, needs) || !isTime(record.at)) return false;
  switch (record.t) {
    case 'alert':
      return isReport(record.report);
    case 'report':
      return isReport(record.report) && (record.to === undefined || isStrings(record.to));
    case 'kept':
      return isRaised(record.of) && isListOfProgress(record.progress) && areUpdates(record);
    case 'walkTest':
      return (
        isTime(record.startedAt) && isTime(record.endsAt) && (record.movedIn === undefined || isStrings(record.movedIn))
      );
    case 'proven':
      return isProof(record.proof);
    default:
      return true;
  }
}

function isProof(proof: unknown): boolean {
  if (!isObject(proof) || !has(proof, PROOF)) return false;
  const { paths } = proof;
  return areProvenPaths(paths);
}

function areProvenPaths(paths: unknown): boolean {
  return Array.isArray(paths) && paths.every((each) => isObject(each) && has(each, PROVEN_PATH));
}

function isReport(report: unknown): boolean {
  return isObject(report) && has(report, REPORT);
}

/** Checks the fields of a record that list updates. */
function areUpdates({ earlier, lastUpdate }: KeptRecord): boolean {
  if (lastUpdate !== undefined && !isReport(lastUpdate)) return false;
  const isEarlier = (each: unknown): boolean => isObject(each) && has(each, EARLIER) && isTimed(each);
  return earlier === undefined || (Array.isArray(earlier) && earlier.every(isEarlier));
}

function isRaised(of: KeptRecord['of']): boolean {
  return (of.t === 'alert' || of.t === 'report') && isReadable(of);
}

function isListOfProgress(progress: unknown): boolean {
  const isIt = (each: unknown): boolean =>
    isObject(each) && isProgress(each) && isReadable(each as unknown as JournalRecord);
  return Array.isArray(progress) && progress.every(isIt);
}

const PROGRESS: ReadonlySet<unknown> = new Set(['attempt', 'outcome', 'notConfirmed', 'closed', 'routed']);

const REPORT = [
  ['id', 'string'],
  ['class', 'string'],
  ['text', 'string'],
] as const;

const PROOF = [
  ['kind', 'string'],
  ['paths', 'object'],
] as const;

const PROVEN_PATH = [['path', 'string']] as const;

const EARLIER = [['id', 'string']] as const;

/** The latest time that a calendar date can be made of (ECMA-262 §21.4.1.1), ms since 1970. */
const TIME_MS_MAX = 8.64e15;

function isProgress({ t }: Fields): boolean {
  return PROGRESS.has(t);
}

function isTimed({ occurredMs }: Fields): boolean {
  return isTime(occurredMs);
}

function isTime(ms: unknown): boolean {
  return typeof ms === 'number' && Math.abs(ms) <= TIME_MS_MAX;
}

function has(value: object, needs: readonly Need[]): boolean {
  const fields = value as Fields;
  return needs.every(([field, type]) => {
    const found = fields[field];
    return type === 'strings' ? isStrings(found) : typeof found === type && found !== null;
  });
}

function isStrings(value: unknown): boolean {
  return Array.isArray(value) && value.every((each) => typeof each === 'string');
}

function isObject(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null;
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

/** True for what a button said last. */
export function isSavedButton(saved: unknown): saved is SavedButton {
  if (!isObject(saved)) return false;
  const { marks, state } = saved;
  return (marks === undefined || areMarks(marks)) && (state === undefined || typeof state === 'string');
}

function areMarks(saved: unknown): boolean {
  if (!isObject(saved)) return false;
  const { mark, values, retained } = saved;
  const isNamed = typeof mark === 'string' && (retained === undefined || typeof retained === 'string');
  return isNamed && isStrings(values);
}

/** True for what is saved of a device whose wire numbers messages by one byte. */
export function isPacket(saved: unknown): saved is SavedPacket {
  if (!Array.isArray(saved)) return false;
  const [counts, id, says]: readonly unknown[] = saved;
  const isPress = Number.isInteger(id) && typeof says === 'string';
  return typeof counts === 'boolean' && (isPress || (id === undefined && says === undefined));
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
