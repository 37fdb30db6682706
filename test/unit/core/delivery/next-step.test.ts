import fc from 'fast-check';
import { expect, test } from 'vitest';
import { nextStep } from '../../../../gateway/core/delivery/next-step.ts';
import type { FailureReason, Outcome } from '../../../../gateway/core/report.ts';
import { deliveryOf } from './parts.ts';

const failed = (reason: FailureReason): Outcome => ({ type: 'failed', reason, detail: '' });
const NAK: Outcome = { type: 'wrongTime' };
const DUH: Outcome = { type: 'notUnderstood' };

test.each([
  [failed('unreachable'), { type: 'wait', end: 'unreached', startOver: false }],
  [failed('noAddress'), { type: 'wait', end: 'unreached', startOver: false }],
  [failed('closed'), { type: 'wait', end: 'unanswered', startOver: false }],
  [failed('refused'), { type: 'wait', end: 'refused', startOver: false }],
  [failed('protocolError'), { type: 'wait', end: 'refused', startOver: false }],
  [
    { type: 'unproven', detail: '' },
    { type: 'wait', end: 'refused', startOver: false },
  ],
] as const)('%j: the same format again, later', (outcome, step) => {
  expect(nextStep(deliveryOf(1), outcome, undefined, 2)).toEqual(step);
});

test('DUH: the next format at once; after the last an alarm waits, and anything else is given up', () => {
  expect(nextStep(deliveryOf(1), DUH, undefined, 2)).toEqual({ type: 'nextFormat' });
  const last = { format: 1 };
  expect(nextStep(deliveryOf(1, last), DUH, undefined, 2)).toEqual({ type: 'wait', end: 'content', startOver: true });
  expect(nextStep(deliveryOf(1, last, 'restore'), DUH, undefined, 2)).toEqual({ type: 'giveUp' });
});

test.each([
  ['corrected', 1, 'again'],
  ['corrected', 2, 'again'],
  ['corrected', 3, 'nextFormat'],
  ['agrees', 1, 'nextFormat'],
  ['untold', 1, 'nextFormat'],
] as const)('NAK, %s, number %i: %s', (nak, naks, type) => {
  expect(nextStep(deliveryOf(1, { naks }), NAK, nak, 2)).toEqual({ type });
});

test('a NAK among the formats names no content: any report is tried again', () => {
  const last = { format: 1, naks: 1 };
  for (const outcome of [DUH, NAK]) {
    expect(nextStep(deliveryOf(1, last, 'restore'), outcome, 'agrees', 2)).toEqual({
      type: 'wait',
      end: 'refused',
      startOver: true,
    });
  }
});

test('whatever a far end says, an alarm is never given up', () => {
  const reasons = fc.constantFrom<FailureReason>('unreachable', 'refused', 'closed', 'protocolError', 'noAddress');
  const outcomes = fc.oneof(fc.constantFrom(NAK, DUH), reasons.map(failed));
  const naks = fc.constantFrom('corrected', 'agrees', 'untold', undefined);
  fc.assert(
    fc.property(outcomes, naks, fc.nat(5), fc.nat(3), fc.nat(4), (outcome, nak, count, format, more) => {
      const step = nextStep(deliveryOf(1, { naks: count, format }), outcome, nak, format + 1 + more);
      expect(step.type).not.toBe('giveUp');
    }),
  );
});
