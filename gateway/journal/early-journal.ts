import { type JournalSink, openJournal } from './journal.ts';
import type { JournalSettings } from './settings.ts';

/**
 * Opens the journal before there is anybody to receive its events. They wait for whoever asks for
 * the journal.
 */
export function openJournalEarly(settings: JournalSettings): typeof openJournal {
  let sink: JournalSink | undefined;
  const early: ((sink: JournalSink) => void)[] = [];
  const tell = (event: (sink: JournalSink) => void) => {
    if (sink === undefined) early.push(event);
    else event(sink);
  };
  const opening = openJournal(settings, {
    durable: (number) => tell((to) => to.durable(number)),
    health: (state, detail) => tell((to) => to.health(state, detail)),
    late: (recovered) => tell((to) => to.late?.(recovered)),
  });
  return (_, asking) => {
    sink = asking;
    for (const event of early.splice(0)) event(asking);
    return opening;
  };
}
