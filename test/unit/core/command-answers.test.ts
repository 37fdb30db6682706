import { describe, expect, test } from 'vitest';
import { CommandAnswers } from '../../../gateway/core/command-answers.ts';
import { TestContext } from './test-context.ts';

const DONE = { ok: true, text: 'drill ended in site' };

function rig() {
  const test = new TestContext();
  const answers = new CommandAnswers(test.context);
  test.onTimer = (timer) => {
    if (timer.type === 'commandAnswer') answers.late(timer.ticket);
  };
  /** A command that makes this number of records. */
  const command = (ticket: number, records: number) => {
    const before = test.context.lastRecord;
    for (let made = 0; made < records; made += 1) test.context.journal({ t: 'clockSet', at: 0, byMs: 1 });
    answers.give(ticket, DONE, before);
  };
  return { test, answers, command };
}

describe('the answer to a command', () => {
  test('comes when the last of its records is durable, and not before', () => {
    const { test, answers, command } = rig();
    command(7, 2);
    answers.durable(1);
    expect(test.of('commandAnswer')).toEqual([]);
    answers.durable(2);
    expect(test.of('commandAnswer')).toEqual([{ type: 'commandAnswer', ticket: 7, ...DONE }]);
    test.run(10_000);
    expect(test.of('commandAnswer')).toHaveLength(1);
  });

  test('waits for nothing where the command has made no record', () => {
    const { test, command } = rig();
    command(7, 0);
    expect(test.of('commandAnswer')).toEqual([{ type: 'commandAnswer', ticket: 7, ...DONE }]);
  });

  test('says so after 2 s where the disk has not taken the records', () => {
    const { test, answers, command } = rig();
    command(7, 1);
    test.run(1_999);
    expect(test.of('commandAnswer')).toEqual([]);
    test.run(1);
    expect(test.of('commandAnswer')).toMatchObject([
      { ticket: 7, ok: true, text: expect.stringMatching(/^drill ended in site; not on the disk/) },
    ]);
    answers.durable(1);
    expect(test.of('commandAnswer')).toHaveLength(1);
  });

  test('goes to each of several who wait', () => {
    const { test, answers, command } = rig();
    for (const ticket of [7, 8, 9]) command(ticket, 1);
    answers.durable(2);
    expect(test.of('commandAnswer').map(({ ticket }) => ticket)).toEqual([7, 8]);
  });
});
