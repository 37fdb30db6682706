import { describe, expect, it } from 'vitest';
import { ReceptionProof } from '../../../gateway/inputs/ble/reception-proof.ts';
import { type SilenceStep, SilenceWatch } from '../../../gateway/inputs/ble/silence-watch.ts';

const SILENCE_MS = 30_000;
const STAGE_MS = 10_000;

function stepsUntil(watch: SilenceWatch, fromMs: number, toMs: number): [number, SilenceStep][] {
  const steps: [number, SilenceStep][] = [];
  for (let nowMs = fromMs; nowMs <= toMs; nowMs += 1_000) {
    const step = watch.due(nowMs);
    if (step !== undefined) steps.push([nowMs / 1_000, step]);
  }
  return steps;
}

describe('silence', () => {
  it('is answered in stages, each with its time, and then told; after that the radio is opened anew again and again', () => {
    const watch = new SilenceWatch(SILENCE_MS, STAGE_MS);
    watch.listening(0);
    expect(stepsUntil(watch, 0, 130_000)).toEqual([
      [30, 'rescan'],
      [40, 'reset'],
      [50, 'restart'],
      [60, 'down'],
      [90, 'restart'],
      [120, 'restart'],
    ]);
    expect(watch.isDeaf).toBe(true);
  });

  it('ends with the first proof, at whatever stage, and begins again from there', () => {
    const watch = new SilenceWatch(SILENCE_MS, STAGE_MS);
    watch.listening(0);
    expect(watch.proof(1_000)).toBe(false);
    expect(stepsUntil(watch, 1_000, 45_000)).toEqual([
      [31, 'rescan'],
      [41, 'reset'],
    ]);
    expect(watch.proof(45_000)).toBe(true);
    expect(stepsUntil(watch, 45_000, 76_000)).toEqual([[75, 'rescan']]);
  });

  it('means nothing while the radio does not listen; listening again, its stage gets its whole time', () => {
    const watch = new SilenceWatch(SILENCE_MS, STAGE_MS);
    watch.listening(0);
    stepsUntil(watch, 0, 50_000);
    watch.pause();
    expect(stepsUntil(watch, 50_000, 200_000)).toEqual([]);
    watch.listening(200_000);
    expect(stepsUntil(watch, 200_000, 211_000)).toEqual([[210, 'down']]);
  });
});

describe('proof of reception', () => {
  const BEACON = 'C0:FF:EE:00:00:01';
  const TAG = 'AA:00:00:00:00:01';

  it('with beacons is a beacon, nobody else', () => {
    const proof = new ReceptionProof(new Set([BEACON]), SILENCE_MS);
    expect(proof.known(BEACON, 0)).toBe(true);
    expect(proof.known(TAG, 1)).toBe(false);
    expect(proof.anybody(2)).toBe(false);
    expect(proof.heardSince(2)).toBe(true);
    expect(proof.heardSince(3)).toBe(false);
  });

  it('without beacons is anybody, until a known device has been heard regularly', () => {
    const proof = new ReceptionProof(new Set(), SILENCE_MS);
    for (let nowMs = 0; nowMs < 90_000; nowMs += 10_000) expect(proof.known(TAG, nowMs)).toBe(true);
    expect(proof.anybody(89_000)).toBe(true);
    expect(proof.known(TAG, 90_000)).toBe(true);
    expect(proof.anybody(91_000)).toBe(false);
  });

  it('a device that is heard now and then is not regular', () => {
    const proof = new ReceptionProof(new Set(), SILENCE_MS);
    for (let nowMs = 0; nowMs < 600_000; nowMs += 30_000) proof.known(TAG, nowMs);
    expect(proof.anybody(600_000)).toBe(true);
  });

  it('regular devices that have gone while others are heard prove nothing any more', () => {
    const proof = new ReceptionProof(new Set(), SILENCE_MS);
    for (let nowMs = 0; nowMs <= 90_000; nowMs += 10_000) proof.known(TAG, nowMs);
    expect(proof.anybody(91_000)).toBe(false);
    proof.giveUpRegular();
    expect(proof.anybody(92_000)).toBe(true);
  });
});
