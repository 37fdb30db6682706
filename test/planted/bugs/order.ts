import type { PlantedBug } from '../planted-bug.ts';

/** Numbers, and the order of what a desk is told. */
export const ORDER_BUGS: readonly PlantedBug[] = [
  {
    name: 'retry-takes-a-new-number',
    wrong: 'Each retry takes another sequence number, so the receiver takes it for a second alarm.',
    file: 'gateway/core/delivery/in-flight.ts',
    find: `    return { attempt, path, sequence, clockOffsetMs, format, report };`,
    replace: `    const retry = work.delivery.attempts - 1;
    return { attempt, path, sequence: ((sequence + retry - 1) % 9999) + 1, clockOffsetMs, format, report };`,
  },
  {
    name: 'number-returns-after-a-restart',
    wrong:
      'A start skips no numbers, so one that the run before used without a durable record returns with other content.',
    file: 'gateway/core/delivery/sequence-numbers.ts',
    find: `const next = ((last ?? SPREAD * Math.floor(startedMs)) + gap) % LAST_NUMBER;`,
    replace: `const next = (last ?? 0 * gap) % LAST_NUMBER;`,
  },
  {
    name: 'numbers-are-not-kept',
    wrong:
      'The last numbers of the run before are not taken up, and numbers that receivers remember return with other content.',
    file: 'gateway/core/restart/recovery.ts',
    find: `dispatcher.sequences.recover(id, sequences.get(id), monoMs);`,
    replace: `dispatcher.sequences.recover(id, 0, 0 as typeof monoMs);`,
  },
  {
    name: 'end-is-sent-before-its-alarm',
    wrong:
      'The end of an alert does not wait for its alarm: a desk hears of the end of something that it never heard of.',
    file: 'gateway/core/delivery/dispatcher.ts',
    find: `    if (before === undefined || !this.#dispatches.has(before)) return this.#begin(dispatch) ? dispatch : undefined;`,
    replace: `    if (before !== undefined || !this.#dispatches.has(report.id)) return this.#begin(dispatch) ? dispatch : undefined;
    if (before === undefined) return this.#begin(dispatch) ? dispatch : undefined;`,
  },
  {
    name: 'end-overtakes-an-attempt-under-way',
    wrong:
      'The end of an alert does not wait for an attempt under way with its alarm, and overtakes it on another connection.',
    file: 'gateway/core/delivery/in-flight.ts',
    find: `    if (before === undefined) return false;
    this.#behind.push`,
    replace: `    if (before === undefined || this.#flights.size > 0) return false;
    this.#behind.push`,
  },
  {
    name: 'what-waits-behind-an-attempt-is-forgotten',
    wrong: 'A report that waits for the end of an attempt under way is never sent.',
    file: 'gateway/core/delivery/in-flight.ts',
    find: `    return released.map(({ delivery }) => delivery);`,
    replace: `    return released.slice(1).map(({ delivery }) => delivery);`,
  },
  {
    name: 'cancel-withdraws-the-alarm',
    wrong: 'A cancel withdraws an alarm that no receiver has yet, although it is to be sent, and its end after it.',
    file: 'gateway/core/alerts/alert-book.ts',
    find: `    if (alert.exercise === 'test' && !isSettled(alert)) {`,
    replace: `    if (!isSettled(alert)) {`,
  },
  {
    name: 'cancel-withdraws-another-alarm',
    wrong: 'A cancel withdraws every alarm of the same device that no receiver has yet: a second press there is lost.',
    file: 'gateway/core/alerts/alert-book.ts',
    find: `    alert.closed = { state, by, reason };`,
    replace: `    alert.closed = { state, by, reason };
    for (const other of this.open()) {
      if (other.device.id !== alert.device.id || isSettled(other)) continue;
      this.#dispatcher().withdraw(other.id);
      other.undeliverable = true;
    }`,
  },
  {
    name: 'end-goes-to-one-desk',
    wrong: 'The end of an alert goes only to the receiver that acknowledged first, and the other desks keep it open.',
    file: 'gateway/core/alerts/alert-book.ts',
    find: `    const to = isSettled(alert) ? attemptedPaths(alert) : undefined;`,
    replace: `    const to = alert.acknowledged === undefined ? undefined : [alert.acknowledged.path];`,
  },
  {
    name: 'a-closed-alert-is-closed-again',
    wrong: 'An alert that was resolved can be cancelled afterwards: its desk is told of two different ends.',
    file: 'gateway/core/alerts/alert-book.ts',
    find: `    if (alert === undefined || alert.closed !== undefined) return false;`,
    replace: `    if (alert === undefined || alert.closed?.state === state) return false;`,
  },
  {
    name: 'end-says-nothing-of-the-drill',
    wrong: 'The end of a drill alert does not begin with DRILL, so a desk takes it for real.',
    file: 'gateway/core/make-report.ts',
    find: `  const mark = exerciseMark(exercise);
  const codes`,
    replace: `  const mark = exerciseMark(undefined);
  const codes`,
  },
];
