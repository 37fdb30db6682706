import { describe, expect, test } from 'vitest';
import { Alert } from '../../../gateway/core/alerts/alert.ts';
import { OpenAlerts } from '../../../gateway/core/alerts/open-alerts.ts';
import { LocalOutputs } from '../../../gateway/core/local-outputs.ts';
import type { Report } from '../../../gateway/core/report.ts';
import type { LocalOutput } from '../../../gateway/core/site.ts';
import { device, KINDS, path, site } from '../../simulation/site.ts';
import { TestContext } from './test-context.ts';

const LIGHT: LocalOutput = {
  id: 'light',
  input: 'bus-1',
  shows: 'alarm',
  drills: false,
  silentKinds: false,
  normallyEnergised: false,
};
const MEDICAL = KINDS[1];
const HOLD_UP = KINDS[0];

function alert(changes: Partial<Alert> = {}): Alert {
  if (MEDICAL === undefined) throw new Error('no kind');
  const [button] = device(101).buttons.values();
  if (button === undefined) throw new Error('no button');
  const identity = { epoch: 1, counter: 1 };
  const press = { device: device(101), button, kind: MEDICAL, pattern: 'single', identity } as const;
  const report = { id: 'a' } as Report;
  return Object.assign(new Alert({ ...press, authenticated: true, capturedMs: 0 }, report, 0), changes);
}

function outputs(output: Partial<LocalOutput>) {
  const test = new TestContext({ ...site([device(101)], [path('central')]), outputs: [{ ...LIGHT, ...output }] });
  const state = { alerts: [] as Alert[], trouble: false, drill: false, canary: false, shown: false };
  const one = new LocalOutputs(test.context, {
    alerts: { some: (is) => counted(state.alerts).some(is) },
    troubles: { anyStands: () => state.trouble },
    drills: { runs: () => state.drill },
    outputTest: { shows: () => state.shown },
    canary: {
      get presses() {
        return state.canary;
      },
    },
  });
  const said = () => {
    one.update();
    return test.of('output').map(({ on }) => on);
  };
  return { state, one, said };
}

function counted(alerts: readonly Alert[]): OpenAlerts {
  const counts = new OpenAlerts();
  for (const each of alerts) counts.note(each);
  return counts;
}

const LOCKDOWN = MEDICAL && { ...MEDICAL, action: 'lockdown' as const };

describe('a light or relay', () => {
  test.each<[string, Partial<LocalOutput>, Partial<Alert>, boolean]>([
    ['an open alert', {}, {}, true],
    ['an alert that is closed', {}, { closed: { state: 'resolved', by: 'x', reason: 'y' } }, false],
    ['an alert of a silent kind', {}, { kind: HOLD_UP ?? alert().kind }, false],
    ['an alert of a silent kind, out of sight', { silentKinds: true }, { kind: HOLD_UP ?? alert().kind }, true],
    ['an alert of a drill', {}, { exercise: 'drill' }, false],
    ['an alert of a drill, where drills count', { drills: true }, { exercise: 'drill' }, true],
    ['an alert of its building', { building: 'A' }, {}, true],
    ['an alert of another building', { building: 'B' }, {}, false],
    ['NOT CONFIRMED', { shows: 'notConfirmed' }, { notConfirmed: true }, true],
    ['an alert that may yet be confirmed', { shows: 'notConfirmed' }, {}, false],
    ['a lockdown', { shows: 'lockdown' }, { kind: LOCKDOWN ?? alert().kind }, true],
    ['an alert that locks nothing', { shows: 'lockdown' }, {}, false],
  ])('%s', (_, output, changes, on) => {
    const { state, said } = outputs(output);
    expect(said()).toEqual([false]);
    state.alerts.push(alert(changes));
    expect(said()).toEqual(on ? [false, true] : [false]);
  });

  test.each([
    ['trouble', 'trouble'],
    ['drill', 'drill'],
    ['canary', 'canary'],
  ] as const)('that shows %s is on while there is one', (shows, fact) => {
    const { state, said } = outputs({ shows });
    state[fact] = true;
    said();
    state[fact] = false;
    expect(said()).toEqual([true, false]);
  });

  test('that is normally energised is off while there is something: a loss of power shows as well', () => {
    const { state, said } = outputs({ shows: 'trouble', normallyEnergised: true });
    said();
    state.trouble = true;
    expect(said()).toEqual([true, false]);
  });

  test('is told once for each change, and anew when its board comes back', () => {
    const { one, said } = outputs({});
    said();
    said();
    expect(said()).toEqual([false]);
    one.inputUp('bus-2');
    expect(said()).toEqual([false]);
    one.inputUp('bus-1');
    expect(said()).toEqual([false, false]);
  });
});
