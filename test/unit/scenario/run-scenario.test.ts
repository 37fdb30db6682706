import { expect, test } from 'vitest';
import { History } from '../../../device-sim/scenario/history.ts';
import { type Outcome, type RunClock, runScenario, type World } from '../../../device-sim/scenario/run-scenario.ts';
import { readScenarioText } from '../../../device-sim/scenario/scenario-file.ts';
import type { Step } from '../../../device-sim/scenario/step-shapes.ts';

type Happening = Parameters<History['add']>[0];

/** A school in which everything takes as long as the test says, on a clock that only it moves. */
class VirtualSchool implements World, RunClock {
  readonly history = new History(() => this.nowMs());
  readonly done: string[] = [];
  readonly #planned: { readonly atMs: number; readonly happening: Happening }[] = [];
  readonly #answer: (step: Step, school: VirtualSchool) => void;
  #nowMs = 0;

  constructor(answer: (step: Step, school: VirtualSchool) => void) {
    this.#answer = answer;
  }

  nowMs(): number {
    return this.#nowMs;
  }

  later(afterMs: number, happening: Happening): void {
    this.#planned.push({ atMs: this.#nowMs + afterMs, happening });
    this.#planned.sort((a, b) => a.atMs - b.atMs);
  }

  async until(atMs: number): Promise<void> {
    const [next] = this.#planned;
    if (next === undefined || next.atMs > atMs) {
      // As a real timer, it fires a little late.
      this.#nowMs = Math.max(this.#nowMs, atMs) + 1;
      return;
    }
    this.#planned.shift();
    this.#nowMs = next.atMs;
    this.history.add(next.happening);
  }

  async perform(step: Step): Promise<void> {
    this.done.push(`${this.#nowMs} ${step.action}`);
    this.#answer(step, this);
  }

  async settle(): Promise<void> {
    this.done.push('settle');
    while (this.#planned.length > 0) await this.until(Number.POSITIVE_INFINITY);
  }

  async end(verifyJournal: boolean): Promise<void> {
    this.done.push('end');
    if (verifyJournal) this.history.add({ type: 'journal', verifies: true, detail: '' });
  }
}

/** A gateway that raises and acknowledges an alert so long after each press. */
const acknowledges = (afterMs: number) => (step: Step, school: VirtualSchool) => {
  if (step.action !== 'press') return;
  const id = `${step.press}.1.${school.done.length}`;
  school.history.add({ type: 'pressed', device: step.press, alert: id });
  const document = { id, kind: 'intruder', device: step.press, paths: { central: { state: 'acknowledged' } } };
  school.later(afterMs, { type: 'mqtt', topic: `alert/${id}`, document });
};

async function run(school: VirtualSchool, timeline: string, expectations: string): Promise<Outcome> {
  const text = `name: N\nsite: small\ntimeline:\n${timeline}\nexpect:\n${expectations}\n`;
  const scenario = readScenarioText('s.yaml', text, []);
  if (scenario === undefined) throw new Error('the scenario has mistakes');
  return runScenario(scenario, school, school.history, school);
}

const ACKNOWLEDGED = '  - { alert: intruder, from: wb-1, acknowledged: central, within: 2s }';

test('steps come at their times: at once, so long after the one before, or since the start', async () => {
  const school = new VirtualSchool(acknowledges(10));
  await run(
    school,
    '  - press: wb-1\n  - { press: wb-1, after: 1s }\n  - { door: wb-1, to: open, at: 5s }',
    ACKNOWLEDGED,
  );
  const times = school.done.map((each) => Number.parseInt(each, 10)).filter(Number.isInteger);
  expect(times[0]).toBe(0);
  expect(times[1]).toBeGreaterThanOrEqual(1000);
  expect(times[1]).toBeLessThan(1020);
  expect(times[2]).toBeGreaterThanOrEqual(5000);
  expect(times[2]).toBeLessThan(5020);
});

test('a promise that is kept passes as soon as it is: nobody waits for the bound', async () => {
  const school = new VirtualSchool(acknowledges(100));
  const outcome = await run(school, '  - press: wb-1', ACKNOWLEDGED);
  expect(outcome.passed).toBe(true);
  expect(outcome.tookMs).toBe(100);
});

test('a promise that is broken fails at its bound, and the others are judged as well', async () => {
  const school = new VirtualSchool(acknowledges(2500));
  const outcome = await run(school, '  - press: wb-1', `${ACKNOWLEDGED}\n  - { journal: verifies }`);
  expect(outcome.passed).toBe(false);
  expect(outcome.results.map(({ verdict }) => verdict.state)).toEqual(['failed', 'met']);
});

test('a wait goes on when the thing has happened, and counts from the last press, not from an older one', async () => {
  const school = new VirtualSchool(acknowledges(300));
  const wait = '  - wait: { alert: intruder, from: wb-1, acknowledged: central }';
  await run(school, `  - press: wb-1\n${wait}\n  - press: wb-1\n${wait}\n  - { door: wb-1, to: open }`, ACKNOWLEDGED);
  expect(school.done).toEqual(['0 press', '300 press', '600 door', 'settle', 'end']);
});

test('if what is waited for does not happen, the timeline stops there and says where', async () => {
  const school = new VirtualSchool(() => undefined);
  const outcome = await run(
    school,
    '  - press: wb-1\n  - wait: { wall: wb-1, shows: green, within: 1s }\n  - press: wb-1',
    ACKNOWLEDGED,
  );
  expect(school.done).toEqual(['0 press', 'end']);
  expect(outcome).toMatchObject({
    passed: false,
    problem: expect.stringMatching(/^s\.yaml:5: the timeline stopped here/),
  });
  expect(outcome.results[0]?.verdict).toMatchObject({ state: 'failed', why: 'it shows off within 1 s' });
});

test('a step that this site cannot do stops the timeline with its reason', async () => {
  const school = new VirtualSchool(() => {
    throw new RangeError('no device "wb-9" in this site');
  });
  const outcome = await run(school, '  - press: wb-9', ACKNOWLEDGED);
  expect(outcome.problem).toBe('s.yaml:4: the timeline stopped here: no device "wb-9" in this site');
});

test('"no alert" is judged after the barrier and the end: an alert that comes with the barrier breaks it', async () => {
  const school = new VirtualSchool((_, { later }) => later);
  const late = new VirtualSchool((step, own) => {
    if (step.action === 'replay') {
      own.later(60_000, { type: 'mqtt', topic: 'alert/x', document: { id: 'x', kind: 'intruder', device: 'wb-1' } });
    }
  });
  expect((await run(school, '  - replay: wb-1', '  - noAlert: wb-1')).passed).toBe(true);
  expect(school.done.slice(-2)).toEqual(['settle', 'end']);
  expect((await run(late, '  - replay: wb-1', '  - noAlert: wb-1')).passed).toBe(false);
});
