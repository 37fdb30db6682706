import type { Effect } from '../../../gateway/core/effect.ts';
import type { AlertDocument } from '../../../protocol/mqtt-documents.ts';
import type { Observation } from '../observation.ts';
import type { StateWatcher, WatcherDeps } from './state-watcher.ts';

const TEN = 10;

/** What becomes of alerts, and what walls show of them. */
export function alertStates({ ledger, reached }: WatcherDeps): StateWatcher {
  const walls = new Map<string, string[]>();
  const open = new Set<string>();
  const unconfirmed = new Set<string>();
  const drills = new Set<string>();
  const heldMs = new Map<string, number>();

  const wall = (alert: string, status: string) => {
    const shown = walls.get(alert) ?? [];
    if (shown.includes(status)) return;
    shown.push(status);
    walls.set(alert, shown);
    if (status !== 'accepted') return;
    if (shown.includes('heard') && shown.includes('sent')) reached('a wall shows heard, then sent, then accepted');
    if (shown.includes('notConfirmed')) reached('a wall shows not confirmed, then accepted');
  };

  const published = (document: AlertDocument) => {
    const { id, state, not_confirmed, mode, authenticated, age_seconds_max } = document;
    const isNew = !open.has(id) && (state === 'raised' || state === 'sent');
    if (state === 'cancelled' || state === 'resolved') open.delete(id);
    else open.add(id);
    if (isNew && open.size === TEN) reached('ten alerts are open at once');
    if (isNew && drills.size > 0 && mode === 'live') reached('a press is real while a drill runs');
    if (isNew && !authenticated && document.device.startsWith('wb-'))
      reached('an alert is raised that does not prove itself');
    if (isNew && age_seconds_max !== undefined) reached('an old press says how old it may be');
    if (state === 'cancelled' && !ledger.isDisplayed(id)) reached('an alert is cancelled before any receiver has it');
    if (not_confirmed) unconfirmed.add(id);
    else if (state === 'acknowledged' && unconfirmed.has(id))
      reached('an alert is acknowledged after it was NOT CONFIRMED');
    if (document.closed_by === 'gateway') reached('an alert ends by itself after the hours of the site');
  };

  const drill = (effect: Extract<Effect, { type: 'log' }>) => {
    const { scope: written } = effect.fields;
    const scope = String(written);
    if (effect.event === 'drill.started') drills.add(scope);
    else {
      drills.delete(scope);
      for (const { document } of ledger.alerts.values()) {
        if (document.mode === 'drill' && (document.state === 'raised' || document.state === 'sent'))
          reached('a drill ends while one of its alerts is not acknowledged');
      }
    }
  };

  const logged = (effect: Extract<Effect, { type: 'log' }>) => {
    if (effect.event === 'drill.started' || effect.event === 'drill.ended') drill(effect);
    else if (effect.event === 'door' && open.size > 0) reached('doors change while an alert is open');
  };

  const carried = (effect: Effect) => {
    if (effect.type === 'log') logged(effect);
    else if (effect.type === 'silence' && effect.silent) reached('a device for silent alerts is silenced');
    else if (effect.type === 'publish' && effect.publication.kind === 'alert') published(effect.publication.document);
    else if (effect.type === 'journal') {
      const { record } = effect.entry;
      if (record.t === 'proven') reached('a walk test proves a button');
      if (record.t === 'hold') heldMs.set(record.device, 1);
      if (record.t === 'alert' && record.pattern === 'long' && heldMs.delete(record.device))
        reached('a press is held, and then long');
      const isDrill = record.t === 'alert' && record.report.exercise === 'drill';
      if (isDrill && ledger.site?.paths.some(({ liveOnly }) => liveOnly))
        reached('a drill keeps a path for real alerts free');
    }
  };

  return (observation: Observation) => {
    if (observation.type === 'wall') wall(observation.alert, observation.status);
    else if (observation.type === 'effect') carried(observation.effect);
    else if (observation.type === 'down' && drills.size > 0) reached('a drill outlives a restart');
    else if (observation.type === 'displayed') {
      const [, alert = ''] = /^(.*)\.(?:cancel|restore)$/.exec(observation.report) ?? [];
      if (observation.report.endsWith('.cancel')) reached('a cancel is displayed');
      const state = ledger.alerts.get(observation.report)?.document.state;
      if (alert === '' && (state === 'cancelled' || state === 'resolved'))
        reached('an end overtakes the answer to its alert');
    }
  };
}
