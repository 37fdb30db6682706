import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { HeldReports } from '../../../gateway/inputs/firmata/held-reports.ts';

let passed: [number, number][];
let held: HeldReports;

beforeEach(() => {
  vi.useFakeTimers();
  passed = [];
  held = new HeldReports(([first = 0], capturedMs) => passed.push([first, capturedMs]));
});
afterEach(() => {
  vi.useRealTimers();
});

const report = (first: number, capturedMs: number): void => held.report(Uint8Array.of(first), capturedMs);

it('reports pass at once while no question is open', () => {
  report(1, 10);
  expect(passed).toEqual([[1, 10]]);
});

it('behind a question they wait for the proof, and keep their order and time', () => {
  held.asked();
  report(1, 10);
  report(2, 11);
  expect(passed).toEqual([]);
  held.confirmed();
  report(3, 12);
  expect(passed).toEqual([
    [1, 10],
    [2, 11],
    [3, 12],
  ]);
});

it('behind a second question they wait for the second proof', () => {
  held.asked();
  held.asked();
  report(1, 10);
  held.confirmed();
  expect(passed).toEqual([[1, 10]]);
  report(2, 11);
  expect(passed).toEqual([[1, 10]]);
  held.confirmed();
  expect(passed).toHaveLength(2);
});

it('no proof in 100 ms: a press counts more than a doubt', () => {
  held.asked();
  report(1, 10);
  vi.advanceTimersByTime(100);
  expect(passed).toEqual([[1, 10]]);
  report(2, 11);
  expect(passed).toHaveLength(2);
});

it('dropped with the board, they never pass', () => {
  held.asked();
  report(1, 10);
  held.drop();
  vi.advanceTimersByTime(1_000);
  expect(passed).toEqual([]);
});
