import { expect, test } from 'vitest';
import { readScenarioText } from '../../../device-sim/scenario/scenario-file.ts';
import { formatMistake, type Mistake } from '../../../gateway/config/read/mistake.ts';

function mistakesOf(text: string): string[] {
  const mistakes: Mistake[] = [];
  const scenario = readScenarioText('s.yaml', text, mistakes);
  expect(scenario === undefined).toBe(mistakes.length > 0);
  return mistakes.map(formatMistake);
}

const whole = (timeline: string, expectations = '  - alert: intruder') =>
  `name: N\nsite: small\ntimeline:\n${timeline}\nexpect:\n${expectations}\n`;

test('a scenario is read with the defaults of its steps and expectations', () => {
  const scenario = readScenarioText('s.yaml', whole('  - press: wb-101\n    after: 1.5s'), []);
  expect(scenario?.timeline).toMatchObject([
    { step: { action: 'press', press: 'wb-101', button: '0', after: 1500, hold: 300, fileLine: 4 } },
  ]);
  expect(scenario?.expect).toMatchObject([
    { what: 'alert', alert: 'intruder', from: 'any', within: 10_000, fileLine: 7 },
  ]);
});

test.each([
  ['a step that is none', whole('  - pres: wb-101'), 's.yaml:4:5: error: "pres" is not a step; did you mean "press"?'],
  [
    'a field that a step does not have',
    whole('  - press: wb-101\n    buton: 1'),
    's.yaml:5:5: error: "buton" is not known here; did you mean "button"?',
  ],
  [
    'a duration without a unit',
    whole('  - press: wb-101\n    after: 2'),
    's.yaml:5:12: error: after is 2; write a duration such as 500ms, 2s, 1m or 3h',
  ],
  [
    'two steps in one entry',
    whole('  - press: wb-101\n    release: wb-101'),
    's.yaml:4:5: error: press and release stand in one entry; begin each with a dash of its own',
  ],
  [
    'a wait for what is no expectation',
    whole('  - wait: { alrt: intruder }'),
    's.yaml:4:11: error: "alrt" is not an expectation; did you mean "alert"?',
  ],
  [
    'a bound from a step that is not there',
    whole('  - press: wb-101\n    name: first', '  - alert: intruder\n    since: frist'),
    's.yaml:8:12: error: no step has the name "frist"; did you mean "first"?',
  ],
  [
    'a scenario that expects nothing',
    whole('  - press: wb-101', '  []'),
    's.yaml:6:3: error: expect is an empty list; write at least one expectation',
  ],
])('%s is shown with its line and a remedy', (_, text, wanted) => {
  expect(mistakesOf(text)).toEqual([wanted]);
});
