import { describe, expect, test } from 'vitest';
import { HeardMessages } from '../../../gateway/paths/radio/heard-messages.ts';
import { MessageIds, messageId } from '../../../gateway/paths/radio/message-ids.ts';

describe('ids of messages sent', () => {
  test('an answer goes to the attempt that waits, once', () => {
    const ids = new MessageIds();
    ids.begin('0001', 'alert', 7, 0);
    expect(ids.settle('0001', 'ack', 10)).toBe(7);
    expect(ids.settle('0001', 'ack', 20)).toBeUndefined();
  });

  test('an answer to an attempt given up goes to the one under way', () => {
    const ids = new MessageIds();
    ids.begin('0001', 'alert', 7, 0);
    ids.abandon(7);
    ids.begin('0001', 'alert', 8, 3_000);
    expect(ids.settle('0001', 'ack', 3_100)).toBe(8);
  });

  test.each(['ack', 'rej'] as const)('an answer (%s) that comes between two attempts serves the next one', (answer) => {
    const ids = new MessageIds();
    ids.begin('0001', 'alert', 7, 0);
    ids.abandon(7);
    expect(ids.settle('0001', answer, 60_000)).toBeUndefined();
    expect(ids.takeAnswer('0001', 'alert')).toBe(answer);
  });

  test('a refusal serves one attempt, so that the message is sent again; an acknowledgement stays', () => {
    const ids = new MessageIds();
    ids.begin('0001', 'alert', 7, 0);
    expect(ids.settle('0001', 'rej', 10)).toBe(7);
    expect(ids.takeAnswer('0001', 'alert')).toBeUndefined();
    ids.settle('0001', 'rej', 20);
    expect(ids.takeAnswer('0001', 'alert')).toBe('rej');
    expect(ids.takeAnswer('0001', 'alert')).toBeUndefined();
    ids.settle('0001', 'ack', 30);
    ids.settle('0001', 'rej', 40);
    expect(ids.takeAnswer('0001', 'alert')).toBe('ack');
    expect(ids.takeAnswer('0001', 'alert')).toBe('ack');
  });

  test.each([
    ['45', 45],
    ['045', 45],
    ['00045', 45],
    ['0045', 45],
    ['45A', undefined],
    ['450', undefined],
    ['10045', undefined],
  ])('the id 0045 is the number 45 however it is written: %j', (written, attempt) => {
    const ids = new MessageIds();
    ids.begin('0045', 'alert', 45, 0);
    expect(ids.settle(written, 'ack', 10)).toBe(attempt);
  });

  test('but not another report that was given the same number', () => {
    const ids = new MessageIds();
    ids.begin('0001', 'alert', 7, 0);
    ids.abandon(7);
    ids.settle('0001', 'ack', 10);
    expect(ids.takeAnswer('0001', 'another')).toBeUndefined();
    ids.begin('0001', 'another', 9, 20);
    expect(ids.takeAnswer('0001', 'another')).toBeUndefined();
  });

  test('an answer to what was never sent, or long ago, is none', () => {
    const ids = new MessageIds();
    expect(ids.settle('0001', 'ack', 0)).toBeUndefined();
    ids.begin('0001', 'alert', 7, 0);
    expect(ids.settle('0001', 'ack', 601_000)).toBeUndefined();
    expect(ids.takeAnswer('0001', 'alert')).toBeUndefined();
  });

  test('no more than the latest few hundred are kept', () => {
    const ids = new MessageIds();
    for (let count = 1; count <= 1_000; count++) ids.begin(messageId(count), 'alert', count, count);
    expect(ids.settle('0744', 'ack', 1_000)).toBeUndefined();
    expect(ids.settle('0745', 'ack', 1_000)).toBe(745);
  });
});

describe('messages to us', () => {
  test('every copy that came directly is acknowledged, but no more than six messages a minute', () => {
    const heard = new HeardMessages();
    const answers = Array.from({ length: 20 }, (_, index) => heard.answers('A', '1', false, index * 1_000));
    expect(answers.filter((answer) => answer)).toHaveLength(6);
    expect(heard.answers('B', '2', false, 61_000)).toBe(true);
  });

  test('copies over digipeaters are acknowledged at most every 30 s', () => {
    const heard = new HeardMessages();
    expect(heard.answers('A', '1', true, 0)).toBe(true);
    expect(heard.answers('A', '1', true, 29_999)).toBe(false);
    expect(heard.answers('A', '2', true, 29_999)).toBe(true);
    expect(heard.answers('A', '1', true, 30_000)).toBe(true);
  });
});
