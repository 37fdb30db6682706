import { expect, test } from 'vitest';
import { PollChoice } from '../../../../gateway/core/delivery/poll-choice.ts';
import { plannedRoute, routeToEach } from '../../../../gateway/core/delivery/route.ts';
import type { Plan, Site } from '../../../../gateway/core/site.ts';
import { path, site } from '../../../simulation/site.ts';
import { reportOf } from './parts.ts';

const PATHS = [path('central'), path('police', { liveOnly: true }), path('cap', { takesUpdates: true })];
const plan = (...paths: string[]): Plan => ({
  steps: paths.map((each, place) => ({ path: each, afterMs: place * 1000 })),
  done: 'receiverAcknowledged',
});
const SITE: Site = {
  ...site([], PATHS),
  plan: plan('central', 'police', 'gone', 'cap'),
  plans: new Map([['medical', plan('cap')]]),
};
const alert = (kind: string) => ({ alert: { kind } as never });
const stepsOf = (route: ReturnType<typeof plannedRoute>) =>
  route.steps.map((step) => `${step.path.id} ${step.afterMs}`);

test.each([
  [
    'an alarm, over every path of the site’s plan that there is',
    reportOf('a'),
    ['central 0', 'police 1000', 'cap 3000'],
  ],
  ['an alarm of a kind that has a plan', reportOf('a', 'alarm', alert('medical')), ['cap 0']],
  [
    'a trouble about such an alert, by the site’s',
    reportOf('a', 'trouble', alert('medical')),
    ['central 0', 'police 1000', 'cap 3000'],
  ],
  ['a drill, not over live-only paths', reportOf('a', 'alarm', { exercise: 'drill' }), ['central 0', 'cap 3000']],
  ['news of doors, where they are taken', reportOf('a', 'update'), ['cap 3000']],
] as const)('%s', (_, report, steps) => {
  expect(stepsOf(plannedRoute(report, SITE))).toEqual(steps);
});

test('to each of some paths: at once, and never against what a path takes', () => {
  const route = routeToEach(reportOf('a', 'test', { exercise: 'test' }), SITE, ['cap', 'police', 'gone']);
  expect({ steps: stepsOf(route), ends: route.ends }).toEqual({ steps: ['cap 0'], ends: 'each' });
});

const choiceOf = (mode: 'null' | 'auto' | 'test' | 'off', liveOnly = false) =>
  new PollChoice(
    path('central', {
      liveOnly,
      supervision: { mode, intervalMs: 20_000, testIntervalMs: 900_000, downAfter: 2, upAfter: 2 },
    }),
  );

test.each([
  ['null', false, 0],
  ['off', false, 0],
  ['auto', true, 0],
  ['auto', false, 2],
  ['test', false, 10],
  ['test', true, 0],
] as const)(
  'polls that prove nothing for ten turns of 10 s, on %s, live only %s: %i test events',
  (mode, liveOnly, most) => {
    const choice = choiceOf(mode, liveOnly);
    let tests = 0;
    for (let turn = 0; turn < 10; turn++) {
      const isTest = choice.isTest(turn * 10_000, false);
      if (isTest) tests += 1;
      choice.unanswered(isTest);
    }
    expect(tests).toBe(most);
  },
);

test('a test event that is accepted after polls that prove nothing takes their place, at its own interval', () => {
  const choice = choiceOf('auto');
  for (let count = 0; count < 3; count++) choice.unanswered(false);
  expect(choice.isTest(0, false)).toBe(true);
  expect(choice.accepted(true)).toBe(true);
  expect({ isTest: choice.isTest(1, false), intervalMs: choice.intervalMs }).toEqual({
    isTest: true,
    intervalMs: 900_000,
  });
});

test('a refused NULL gives way to test events; a refused test event beside answered polls changes nothing', () => {
  expect(choiceOf('auto').refused(false)).toBe('instead');
  expect(choiceOf('auto').refused(true)).toBe('once');
  expect(choiceOf('null').refused(false)).toBe('usual');
});
