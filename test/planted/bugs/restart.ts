import type { PlantedBug } from '../planted-bug.ts';

/** What a start takes up of the run before. */
export const RESTART_BUGS: readonly PlantedBug[] = [
  {
    name: 'not-confirmed-timer-lost',
    wrong: 'After a restart nothing waits for the acknowledgement of an open alarm: NOT CONFIRMED is never said.',
    file: 'gateway/core/alerts/alert-book.ts',
    find: `    if (!isDelivered && !nowhere && !alert.notConfirmed) awaitConfirmation(alert, this.#context);`,
    replace: '',
  },
  {
    name: 'wall-clock-bounds-the-wait',
    wrong: 'After a restart with a clock that was set back by a year, NOT CONFIRMED is said in a year.',
    file: 'gateway/core/alerts/await-confirmation.ts',
    find: `const left = elapsed >= 0 && elapsed < notConfirmedMs ? notConfirmedMs - elapsed : 0;`,
    replace: `const left = elapsed < notConfirmedMs ? notConfirmedMs - elapsed : 0;`,
  },
  {
    name: 'not-confirmed-alarm-is-given-up',
    wrong: 'An alarm that is NOT CONFIRMED is not sent again after a restart.',
    file: 'gateway/core/alerts/alert-book.ts',
    find: `    const isOwed = !isSettled(alert);`,
    replace: `    const isOwed = !isSettled(alert) && !alert.notConfirmed;`,
  },
  {
    name: 'open-alarms-are-not-taken-up',
    wrong: 'Only the newest open alarm of the run before is taken up: the others are lost.',
    file: 'gateway/core/restart/recovery.ts',
    find: `  for (const kept of recovered.alerts) signals.recoverAlert(kept);`,
    replace: `  for (const kept of recovered.alerts.slice(-1)) signals.recoverAlert(kept);`,
  },
  {
    name: 'reports-are-not-taken-up',
    wrong: 'The end of an alert that was not delivered before a restart is never sent.',
    file: 'gateway/core/restart/recovery.ts',
    find: `  for (const kept of recovered.reports) if (!dispatcher.isOpen(kept.report.id)) recoverReport(kept, deps);`,
    replace: `  for (const kept of recovered.reports) if (!dispatcher.isOpen(kept.report.id)) deps.settle(kept.report);`,
  },
  {
    name: 'raised-press-is-new-after-a-crash',
    wrong:
      'The number of a press that raised an alert is not taken up from its record: a repeat after a crash is answered as another.',
    file: 'gateway/core/restart/journal-replay.ts',
    find: `        this.#windowsOf(record.device).of(record.key).accept(record);
        this.#note(record.sequences);`,
    replace: `        this.#note(record.sequences);`,
  },
  {
    name: 'counters-are-not-taken-up',
    wrong: 'What devices had said before a restart is forgotten, so a recording of a press raises its alert again.',
    file: 'gateway/core/restart/recovery.ts',
    find: `  for (const [device, heard] of windows) devices.get(device)?.numbering.recover(heard);`,
    replace: '',
  },
  {
    name: 'counters-are-not-written',
    wrong:
      'The checkpoint says only how far the counters have come, not which were heard: a recording from before a restart raises an alert again.',
    file: 'gateway/core/devices/frame-window.ts',
    find: `    const window = [this.#epoch, this.#highest, this.#seen.toString(16)] as const;`,
    replace: `    const window = [this.#epoch, this.#highest, '1'] as const;`,
  },
  {
    name: 'end-is-not-reported-after-a-crash',
    wrong: 'A crash between the end of an alert and its report loses the report: the desk keeps the alert open.',
    file: 'gateway/core/alerts/alert-book.ts',
    find: `      if (!kept.closingReported) this.#reportClosed(alert, alert.closed);`,
    replace: '',
  },
  {
    name: 'paths-of-the-run-before-are-forgotten',
    wrong:
      'After a restart the end of an alert goes only to paths of this run, and a desk that got the alarm before keeps it open.',
    file: 'gateway/core/alerts/alert.ts',
    find: `  for (const path of attemptedBefore) paths.add(path);`,
    replace: '',
  },
  {
    name: 'end-is-not-written',
    wrong:
      'The end of an alert is not written to the journal: after a restart an alert that was cancelled is open again.',
    file: 'gateway/core/alerts/alert-book.ts',
    find: `    this.#context.journal({ t: 'closed', at, alert: id, state, by, reason });`,
    replace: '',
  },
  {
    name: 'acknowledgement-is-not-taken-up',
    wrong:
      'The acknowledgement of a receiver is not read from the journal: after a restart the alarm is sent once more, and NOT CONFIRMED is said of it.',
    file: 'gateway/core/restart/open-report.ts',
    find: `      this.#acknowledgement ??= record;`,
    replace: '',
  },
  {
    name: 'auto-resolve-timer-lost',
    wrong: 'An acknowledged alert of the run before is never resolved by itself.',
    file: 'gateway/core/alerts/alert-book.ts',
    find: `    } else if (isDelivered) this.#awaitResolve(alert);`,
    replace: `    }`,
  },
  {
    name: 'standing-troubles-are-forgotten',
    wrong: 'A trouble that stood before a restart is forgotten: it is told a second time, and its restoral never.',
    file: 'gateway/core/restart/recovery.ts',
    find: `  for (const trouble of recovered.troubles) troubles.recoverStanding(trouble);`,
    replace: '',
  },
  {
    name: 'trouble-is-told-again-after-a-restart',
    wrong: 'Troubles that stood before a restart are reported once more.',
    file: 'gateway/core/restart/journal-replay.ts',
    find: `    if (!record.reported) this.#unreported.set(troubleReportId(record), record);`,
    replace: `    this.#unreported.set(troubleReportId(record), record);`,
  },
];
