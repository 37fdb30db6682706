import type { PlantedBug } from '../planted-bug.ts';

/** How an alarm is tried: at once, on every path of its plan, until a receiver has it. */
export const DELIVERY_BUGS: readonly PlantedBug[] = [
  {
    name: 'fresh-alarm-waits',
    wrong:
      'A new alarm waits for the end of the hold-off that an earlier one has begun, so its first byte does not leave at once.',
    file: 'gateway/core/delivery/path-pace.ts',
    find: `    if (isFresh) return earlier(this.#holdUntilMs, after(this.#lastForcedMs, FRESH_ALARM_GAP_MS));`,
    replace: `    if (isFresh) return this.#holdUntilMs;`,
  },
  {
    name: 'failure-does-not-join-the-next-path',
    wrong: 'The failure of the first path does not bring the second one in: the alarm waits for the time of the plan.',
    file: 'gateway/core/delivery/dispatcher.ts',
    find: `    if (dispatch === undefined) return;
    if (this.#areHopeless(dispatch)) this.#joinNext(dispatch);`,
    replace: `    if (dispatch === undefined) return;`,
  },
  {
    name: 'next-path-has-no-timer',
    wrong: 'Nothing brings the next path in while the first one is silent.',
    file: 'gateway/core/delivery/dispatcher.ts',
    find: `    else timers.set(join, after(now.monoMs, next.afterMs));`,
    replace: `    else if (dispatch.deliveries.size > 1) timers.set(join, after(now.monoMs, next.afterMs));`,
  },
  {
    name: 'next-path-joins-late',
    wrong: 'The next path joins after a hundred times the time of the plan.',
    file: 'gateway/core/delivery/dispatcher.ts',
    find: `timers.set(join, after(now.monoMs, next.afterMs));`,
    replace: `timers.set(join, after(now.monoMs, next.afterMs * 100));`,
  },
  {
    name: 'refusal-ends-an-alarm',
    wrong: 'A receiver that refuses the content of an alarm ends it, although an alarm is tried until somebody has it.',
    file: 'gateway/core/delivery/next-step.ts',
    find: `return isAlarm(delivery) ? { type: 'wait', end: 'content', startOver: true } : { type: 'giveUp' };`,
    replace: `return isAlarm(delivery) && formats > 1 ? { type: 'wait', end: 'content', startOver: true } : { type: 'giveUp' };`,
  },
  {
    name: 'refused-is-taken-for-acknowledged',
    wrong: 'DUH, by which a receiver says that it cannot read the message, counts as an acknowledgement.',
    file: 'gateway/paths/dc09/answer.ts',
    find: `  return envelope.token === 'DUH' ? NOT_UNDERSTOOD : acknowledged(envelope, expected);`,
    replace: `  return acknowledged(envelope, expected);`,
  },
  {
    name: 'damaged-answer-is-an-acknowledgement',
    wrong: 'An answer that is damaged on the way counts as an acknowledgement.',
    file: 'gateway/paths/dc09/answer.ts',
    find: `  if (answer.type === 'damaged') return protocolError(DAMAGED[answer.fault](excerpt(frame)));`,
    replace: `  if (answer.type === 'damaged') return { type: 'receiverAcknowledged' };`,
  },
  {
    name: 'retry-wait-unbounded',
    wrong: 'The wait before the next try doubles without end: after an outage an alarm waits for hours.',
    file: 'gateway/core/delivery/path-pace.ts',
    find: `        : backOff(retryMs, retryMsMax, failures - 1);`,
    replace: `        : backOff(retryMs, Number.POSITIVE_INFINITY, failures - 1);`,
  },
  {
    name: 'hold-off-unbounded',
    wrong: 'The hold-off of a path doubles without end: after an outage its alarms wait for hours.',
    file: 'gateway/core/delivery/path-pace.ts',
    find: `    const waitMs = backOff(this.#path.retryMs, this.#path.retryMsMax, this.#failuresInRow - 1);`,
    replace: `    const waitMs = backOff(this.#path.retryMs, Number.POSITIVE_INFINITY, this.#failuresInRow - 1);`,
  },
  {
    name: 'answer-wait-unbounded',
    wrong: 'The wait for an answer doubles without end: a receiver that hangs for a minute holds an alarm for hours.',
    file: 'gateway/core/delivery/path-pace.ts',
    find: `return backOff(this.#path.attemptTimeoutMs, this.#path.attemptTimeoutMsMax, failures);`,
    replace: `return backOff(this.#path.attemptTimeoutMs, Number.POSITIVE_INFINITY, failures);`,
  },
  {
    name: 'poll-delays-an-alarm',
    wrong: 'A poll that hangs keeps its slot, and an alarm waits for its time-out.',
    file: 'gateway/core/delivery/path-queue.ts',
    find: `    if ('delivery' in work) {
      if (!isFresh) return false;`,
    replace: `    if ('probe' in work) return false;
    if ('delivery' in work) {
      if (!isFresh) return false;`,
  },
  {
    name: 'slot-leaks',
    wrong: 'An attempt that was abandoned keeps its slot: the path comes to a stop after some time-outs.',
    file: 'gateway/core/delivery/in-flight.ts',
    find: `    const flight = this.land(attempt);
    if (flight !== undefined)`,
    replace: `    const flight = this.#flights.get(attempt);
    this.#context.timers.clear({ type: 'attemptTimeout', path: this.#path, attempt });
    if (flight !== undefined)`,
  },
  {
    name: 'attempt-has-no-time-out',
    wrong: 'An attempt after the first one has no time-out: a receiver that hangs once more is waited for without end.',
    file: 'gateway/core/delivery/in-flight.ts',
    find: `    timers.set({ type: 'attemptTimeout', path, attempt }, after(now.monoMs, timeoutMs));`,
    replace: `    if (!('delivery' in work) || work.delivery.failures === 0)
      timers.set({ type: 'attemptTimeout', path, attempt }, after(now.monoMs, timeoutMs));`,
  },
  {
    name: 'queue-is-not-looked-at-again',
    wrong: 'A queue that had to wait for the end of its hold-off is not looked at when that has come.',
    file: 'gateway/core/delivery/path-queue.ts',
    find: `    if (this.#lookAgainMs === NEVER_MS) timers.clear(holdOffEnd);`,
    replace: `    if (this.#lookAgainMs === NEVER_MS || this.#open.alarms === 1) timers.clear(holdOffEnd);`,
  },
  {
    name: 'waiting-report-is-not-queued-again',
    wrong: 'A report whose second wait is over is not put into the queue again.',
    file: 'gateway/core/delivery/retries.ts',
    find: `    if (delivery?.state === 'waiting') this.requeue(delivery);`,
    replace: `    if (delivery?.state === 'waiting' && delivery.failures === 1) this.requeue(delivery);`,
  },
  {
    name: 'acknowledged-alarm-goes-on',
    wrong: 'The other paths are not told of the acknowledgement, and go on sending an alarm that a receiver has.',
    file: 'gateway/core/delivery/dispatcher.ts',
    find: `    for (const [id, queue] of this.#queues) if (id !== path.id) queue.withdraw(report.id);
    this.#end(dispatch);
    this.#events.ended(report, { how, path: path.id });`,
    replace: `    this.#end(dispatch);
    this.#events.ended(report, { how, path: path.id });`,
  },
  {
    name: 'sent-is-taken-for-confirmed',
    wrong: 'An alarm that has left the gateway is no longer waited for: NOT CONFIRMED is never said of it.',
    file: 'gateway/core/alerts/alert-book.ts',
    find: `    alert.sent = { atMs };`,
    replace: `    alert.sent = { atMs };
    this.#context.timers.clear({ type: 'notConfirmed', alert: alert.id });`,
  },
  {
    name: 'deadline-counts-from-the-next-path',
    wrong: 'NOT CONFIRMED is said a few seconds late, because the deadline counts from the time of the second path.',
    file: 'gateway/core/alerts/alert-book.ts',
    find: `const dueMs = after(capturedMs, this.#context.site.deadlines.notConfirmedMs);`,
    replace: `const { notConfirmedMs, nextPathMs } = this.#context.site.deadlines;
      const dueMs = after(capturedMs, notConfirmedMs + nextPathMs);`,
  },
  {
    name: 'moved-timer-keeps-its-place',
    wrong: 'A timer that is set anew keeps its place in the heap, so others behind it come late.',
    file: 'gateway/core/timers.ts',
    find: `      entry.heap.settle(entry);
      return;`,
    replace: `      return;`,
  },
  {
    name: 'correction-applied-twice',
    wrong:
      'The correction of the time is added twice, so after a change of the clock a receiver refuses every message.',
    file: 'gateway/core/delivery/in-flight.ts',
    find: `attemptOf(work, { attempt, path, clockOffsetMs }) });`,
    replace: `attemptOf(work, { attempt, path, clockOffsetMs: 2 * clockOffsetMs }) });`,
  },
];
