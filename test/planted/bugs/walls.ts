import type { PlantedBug } from '../planted-bug.ts';

/** What the wall is shown of a press. */
export const WALL_BUGS: readonly PlantedBug[] = [
  {
    name: 'heard-before-durable',
    wrong:
      'The wall is told that a press was heard before its record is durable: a power cut then loses a press that the wall shows.',
    file: 'gateway/core/alerts/alert.ts',
    find: `  if (alert.durable === undefined) return undefined;`,
    replace: '',
  },
  {
    name: 'durable-off-by-one',
    wrong:
      'The alert behind the last durable record counts as durable, too: its wall shows a press that a power cut may lose.',
    file: 'gateway/core/alerts/awaited-alerts.ts',
    find: `findIndex(({ recordNumber }) => recordNumber > number)`,
    replace: `findIndex(({ recordNumber }) => recordNumber > number + 1)`,
  },
  {
    name: 'durable-before-written',
    wrong:
      'The journal reports records as durable when it gets them, not when they are written: a full disk and a crash lose a press.',
    file: 'gateway/journal/journal-engine.ts',
    find: `    for (const record of records) this.#pending.push(record);
    this.#flush();`,
    replace: `    for (const record of records) this.#pending.push(record);
    const newest = records.at(-1);
    if (newest !== undefined) this.#world.durable(newest.number);
    this.#flush();`,
  },
  {
    name: 'sent-shown-as-accepted',
    wrong: 'The wall shows accepted once the alarm was sent, although no receiver has it.',
    file: 'gateway/core/alerts/alert.ts',
    find: `return alert.isSent ? 'sent' : 'heard';`,
    replace: `return alert.isSent ? 'accepted' : 'heard';`,
  },
  {
    name: 'accepted-is-not-told',
    wrong: 'The wall is not told that a receiver has accepted the alarm, and its light says sent for ever.',
    file: 'gateway/core/alerts/alert-book.ts',
    find: `    this.#awaitResolve(alert);
    this.#walls.tell(alert);`,
    replace: `    this.#awaitResolve(alert);`,
  },
  {
    name: 'not-confirmed-is-not-told',
    wrong:
      'The wall is not told that no receiver has confirmed the alarm: whoever pressed waits for help that may not come.',
    file: 'gateway/core/alerts/alert-book.ts',
    find: `text: alert.report.text });
    this.#walls.tell(alert);`,
    replace: `text: alert.report.text });`,
  },
  {
    name: 'repeat-is-not-answered',
    wrong:
      'A repeated press is not answered: where the first answer was lost, the wall never learns that it was heard.',
    file: 'gateway/core/devices/node-answers.ts',
    find: `if (!this.#answerPress(signal, identity)) device.proven();`,
    replace: `device.proven();`,
  },
  {
    name: 'ended-alert-answers-not-confirmed',
    wrong: 'A wall that repeats the press of an accepted alert after its end is told NOT CONFIRMED.',
    file: 'gateway/core/alerts/alert-walls.ts',
    find: `  if (acknowledged !== undefined) return 'accepted';
  return handedOver`,
    replace: `  return handedOver`,
  },
  {
    name: 'answers-before-the-session-is-durable',
    wrong: 'Walls are answered before the number of this start is durable: after a crash two frames have one nonce.',
    file: 'gateway/core/context.ts',
    find: `  withholdsAnswers = true;`,
    replace: `  withholdsAnswers = false;`,
  },
  {
    name: 'session-returns',
    wrong:
      'With a clock that was set back, a start takes the number of the start before: two frames have one nonce, and nodes obey neither.',
    file: 'gateway/core/restart/recovered-state.ts',
    find: `Math.max(last + 1, seconds < LAST_SESSION ? seconds : 0)`,
    replace: `Math.max(last, seconds < LAST_SESSION ? seconds : 0)`,
  },
];
