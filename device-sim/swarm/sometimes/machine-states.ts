import type { LifeEvent } from '../life/life-shape.ts';
import type { Observation } from '../observation.ts';
import type { StateWatcher, WatcherDeps } from './state-watcher.ts';

const MANY_DAYS_MS = 300 * 86_400_000;

/** What the machine does to the gateway. */
export function machineStates({ ledger, reached }: WatcherDeps): StateWatcher {
  let undurable = new Map<string, number>();
  let isSentLast = false;
  let stuckToMs = 0;
  let brokerDownToMs = 0;

  const isOpen = () =>
    [...ledger.alerts.values()].some(({ document: { state } }) => state === 'raised' || state === 'sent');

  const happens = (event: LifeEvent, nowMs: number) => {
    if (event.do === 'disk' && event.mood === 'stuck') stuckToMs = Math.max(stuckToMs, nowMs + event.forMs);
    else if (event.do === 'broker') brokerDownToMs = Math.max(brokerDownToMs, nowMs + event.forMs);
    else if (event.do === 'clock' && isOpen()) {
      if (event.byMs > MANY_DAYS_MS) reached('the clock jumps a year ahead with an alert open');
      if (event.byMs < -MANY_DAYS_MS) reached('the clock jumps a year back with an alert open');
    }
  };

  const carried = ({ effect }: Extract<Observation, { type: 'effect' }>, nowMs: number) => {
    if (effect.type === 'send' && effect.attempt.report?.class === 'alarm') isSentLast = true;
    else if (effect.type === 'journal') {
      isSentLast = false;
      const { record } = effect.entry;
      if (record.t === 'alert') {
        undurable.set(record.id, effect.number);
        if (nowMs < brokerDownToMs) reached('an alert is raised while the broker is down');
      }
      if (record.t === 'trouble' && record.state === 'standing') {
        if (record.type === 'journalFailed') reached('the journal can be written nowhere');
        if (record.type === 'clockUnsynchronised') reached('the clock follows no reference');
      }
    } else if (effect.type === 'log') {
      const { alertsTakenUp = 0 } = effect.fields;
      if (effect.event === 'core.started' && Number(alertsTakenUp) > 0) reached('a start takes open alerts up');
      if (effect.event === 'alert.acknowledged' && nowMs < stuckToMs)
        reached('an alert is acknowledged while the disk is stuck');
      if (effect.event === 'core.reloaded') reached('a changed configuration is taken up');
    }
  };

  const ended = (how: 'kill' | 'powerCut' | 'stop') => {
    if (how === 'stop') {
      if (isOpen()) reached('an orderly stop leaves an alert open');
    } else {
      if (isSentLast) reached('the gateway ends between a send and its record');
      if ([...undurable.keys()].some((alert) => !ledger.isDisplayed(alert)))
        reached('the gateway ends with an alert that only the node remembers');
    }
    undurable = new Map();
    isSentLast = false;
  };

  return (observation: Observation, nowMs: number) => {
    switch (observation.type) {
      case 'event':
        happens(observation.event, nowMs);
        break;
      case 'effect':
        carried(observation, nowMs);
        break;
      case 'input': {
        const { input } = observation;
        if (input.type === 'durable') {
          for (const [alert, number] of undurable) if (number <= input.number) undurable.delete(alert);
        }
        break;
      }
      case 'written':
        if (observation.place > 0) reached('the journal goes on in the second directory');
        break;
      case 'up':
        if (observation.isBlind) reached('the gateway starts before its disk answers');
        if (observation.torn) reached('a power cut tears a write');
        break;
      case 'stalled':
        if ([...ledger.presses.values()].some(({ heardMs, gone }) => heardMs === undefined && gone === undefined))
          reached('the gateway stands still with a press waiting');
        break;
      case 'down':
        ended(observation.how);
        break;
      case 'reloadRefused':
        reached('a changed configuration is refused');
        break;
    }
  };
}
