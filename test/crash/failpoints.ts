import type { Deed } from './load.ts';

/** A named place at which the gateway dies. */
export interface Failpoint {
  readonly name: string;
  /** It dies at a pass from 1 to this one. */
  readonly passesMax: number;
  readonly deed: Deed;
  /** Its first pass comes only if the gateway has to read and to write anew what it keeps. */
  readonly isAnew: boolean;
  /** It comes only after a gateway that was killed. */
  readonly isAfterKill: boolean;
}

function points(
  passesMax: number,
  names: readonly string[],
  deed: Deed = 'always',
  { isAnew = false, isAfterKill = false } = {},
): Failpoint[] {
  return names.map((name) => ({ name, passesMax, deed, isAnew, isAfterKill }));
}

/** In the order of a press's way; then what the journal, the commands, starts and stops do. */
export const FAILPOINTS: readonly Failpoint[] = [
  ...points(60, ['serial.read']),
  ...points(12, ['taken.signal.press', 'decided.signal.press', 'taken.signal.point', 'decided.signal.point']),
  ...points(12, ['before.send', 'dc09.write', 'dc09.written', 'dc09.sentReported', 'after.send']),
  ...points(12, ['decided.sent', 'record.alert', 'record.attempt', 'before.journal', 'after.journal']),
  ...points(12, ['journal.post', 'journal.posted', 'journal.commit']),
  ...points(12, ['journal.write', 'journal.torn', 'journal.written', 'journal.proven', 'journal.durableTold']),
  ...points(12, ['journal.committed', 'journal.durableHeard', 'decided.durable', 'journal.durableReported']),
  ...points(8, ['before.answer.sent', 'after.answer.sent', 'before.answer.heard', 'after.answer.heard']),
  ...points(12, ['wall.answer', 'wall.answered']),
  ...points(12, ['dc09.answerArrived', 'dc09.outcomeKnown', 'decided.outcome', 'record.outcome']),
  ...points(12, ['dc09.outcomeReported', 'before.answer.accepted', 'after.answer.accepted']),
  ...points(12, ['before.publish', 'after.publish', 'mqtt.publish', 'mqtt.published', 'decided.published']),
  ...points(8, ['control.command', 'control.commanded', 'decided.command', 'before.commandAnswer']),
  ...points(8, ['control.answer', 'control.answered', 'record.closed', 'record.settled', 'record.report']),
  ...points(2, ['mqtt.command', 'record.drill']),
  ...points(12, ['decided.tick']),
  ...points(2, ['record.counters', 'segment.create', 'segment.created', 'segment.named', 'segment.begun']),
  ...points(2, ['segment.prepare', 'segment.prepared', 'segment.spare', 'segment.close', 'segment.closed']),
  ...points(1, ['segment.trim', 'segment.trimmed', 'segment.delete', 'segment.deleted']),
  ...points(1, ['journal.carry', 'journal.carried', 'lock.empty', 'control.listens']),
  ...points(1, ['segment.reopened', 'segment.repeated', 'segment.resumed'], 'always', { isAfterKill: true }),
  ...points(1, ['lock.aside', 'control.aside'], 'always', { isAfterKill: true }),
  ...points(1, ['start.configured', 'start.claimed', 'start.recovered', 'record.session', 'start.core']),
  ...points(1, ['start.inputs', 'start.listens', 'start.started', 'dc09.connected']),
  ...points(1, ['update.noteRead', 'update.noteTold']),
  ...points(1, ['cache.created', 'cache.written', 'cache.renamed'], 'always', { isAnew: true }),
  ...points(1, ['addresses.created', 'addresses.written', 'addresses.renamed'], 'always', { isAnew: true }),
  ...points(1, ['reload.read', 'reload.stopped', 'reload.exchange', 'reload.exchanged'], 'reload'),
  ...points(1, ['reload.taken', 'reload.done', 'decided.reload'], 'reload'),
  ...points(1, ['stop.inputs', 'stop.stopping', 'stop.paths', 'stop.closed'], 'stop'),
  ...points(1, ['update.asked', 'update.answered'], 'update'),
];
