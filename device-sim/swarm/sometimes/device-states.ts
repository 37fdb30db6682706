import type { CoreInput } from '../../../gateway/core/input.ts';
import type { JournalRecord } from '../../../gateway/core/journal-record.ts';
import type { Observation } from '../observation.ts';
import type { StateWatcher, WatcherDeps } from './state-watcher.ts';
import type { StateName } from './states.ts';

const WAITED_MS = 5_000;

/** Troubles that show such a state by standing. */
const STANDING: Readonly<Record<string, StateName>> = {
  stuckButton: 'a button is stuck',
  wireFault: 'a wire is cut',
  tamper: 'a tamper switch opens',
  lowBattery: 'a battery is low',
  devicesMissing: 'several devices are missing together',
  canaryFailed: 'the canary fails',
  unknownPress: 'a forged press is a notice',
  stalePress: 'a node that lost its numbers is not accepted',
};

/** Troubles that show one by their end. */
const ENDED: Readonly<Record<string, StateName>> = {
  deviceMissing: 'a device is missing, and comes back',
  bridgeDown: 'a bridge is down, and comes back',
};

/** What devices and wires do. */
export function deviceStates({ ledger, reached }: WatcherDeps): StateWatcher {
  const held = new Set<string>();
  let isReplayed = false;

  const trouble = ({ type, state }: Extract<JournalRecord, { t: 'trouble' }>) => {
    const name = state === 'restored' ? ENDED[type] : STANDING[type];
    if (name !== undefined) reached(name);
  };

  const heard = (input: CoreInput, nowMs: number) => {
    if (input.type !== 'signal') return;
    const { device, identity, body } = input.signal;
    if (body.type === 'press' && identity !== undefined) {
      const press = ledger.presses.get(`${device}.${identity.epoch}.${identity.counter}`);
      if (press?.heardMs === nowMs && nowMs - press.atMs > WAITED_MS)
        reached('a press waits in its node until the gateway is back');
      if (isReplayed && press !== undefined && (press.heardMs ?? nowMs) < nowMs)
        reached('a recorded press raises nothing');
      isReplayed = false;
    }
    if (body.type === 'contact' && body.of === 'button' && body.state === 'active') held.add(device);
    else if (body.type === 'contact' && body.of === 'button') held.delete(device);
  };

  return (observation: Observation, nowMs: number) => {
    switch (observation.type) {
      case 'input':
        heard(observation.input, nowMs);
        break;
      case 'pressGone':
        if (!ledger.isDisplayed(observation.alert)) reached('a press is lost with its node');
        break;
      case 'down':
        if (held.size > 0) reached('a contact is held over a restart');
        break;
      case 'event': {
        const { event } = observation;
        if (event.do === 'clash') reached('two nodes use one address');
        if (event.do === 'attack' && event.how === 'replay') isReplayed = true;
        const isOpen = [...ledger.alerts.values()].some(
          ({ document: { state } }) => state === 'raised' || state === 'sent',
        );
        if (event.do === 'unplug' && isOpen) reached('an input is unplugged with an alert open');
        break;
      }
      case 'effect': {
        const { effect } = observation;
        if (effect.type === 'journal' && effect.entry.record.t === 'trouble') trouble(effect.entry.record);
        if (effect.type !== 'log') break;
        if (effect.event === 'canary.heard') reached('the canary comes through');
        if (effect.event === 'device.enrolled') reached('a tag begins anew within its enrolment');
        if (effect.event === 'enrolment.over') reached('an enrolment ends unused');
        break;
      }
    }
  };
}
