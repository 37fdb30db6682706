import { expect, test } from 'vitest';
import type { Canary } from '../../../gateway/core/site.ts';
import { PartsRig, quietPath, quietSite } from './parts-rig.ts';

const CANARY: Canary = { device: 'wb-101', button: 0, output: 'relay', intervalMs: 600_000, withinMs: 30_000 };
const ACKNOWLEDGED = { type: 'receiverAcknowledged' } as const;
const HANDED_OVER = { type: 'handedOver' } as const;
const FAILED = { type: 'failed', reason: 'closed', detail: 'closed' } as const;

class Canaries extends PartsRig {
  #presses = 0;

  constructor(canary: Canary = CANARY) {
    const paths = [quietPath('central'), quietPath('pager'), quietPath('police', { liveOnly: true })];
    super(quietSite({ canary, paths }));
    this.test.start();
  }

  get test() {
    const { canary } = this.parts;
    if (canary === undefined) throw new Error('the site has a canary');
    return canary;
  }

  /** Lets the press arrive on the canary's button. */
  hear(): void {
    const device = this.context.site.devices.get('wb-101');
    if (device === undefined) throw new Error('the site has the device');
    this.#presses += 1;
    this.test.heard(`wb-101.1.${this.#presses}`, device, 101);
    this.take();
  }

  get isTrouble(): boolean {
    return this.parts.troubles.stands('canaryFailed', 'canary');
  }
}

test('the first press comes soon after the start, then one each interval; the contact is closed only for a moment', () => {
  const canaries = new Canaries();
  canaries.pass(59_999);
  expect(canaries.test.presses).toBe(false);
  for (const untilMs of [1, 599_500]) {
    canaries.pass(untilMs);
    expect(canaries.test.presses).toBe(true);
    canaries.hear();
    canaries.answer(ACKNOWLEDGED);
    canaries.pass(500);
    expect(canaries.test.presses).toBe(false);
  }
});

test.each([
  ['acknowledged on each path', ['hear', ACKNOWLEDGED], false],
  ['handed over where a path does no more', ['hear', HANDED_OVER], false],
  ['not heard', [], true],
  ['heard, and acknowledged nowhere', ['hear', FAILED], true],
  ['acknowledged on one path of two', ['hear', 'central'], true],
] as const)('a press that is %s', (_, steps, isTrouble) => {
  const canaries = new Canaries();
  canaries.pass(60_000);
  for (const step of steps) {
    if (step === 'hear') canaries.hear();
    else if (step === 'central') canaries.answer(ACKNOWLEDGED, 'central');
    else canaries.answer(step);
  }
  canaries.pass(29_999);
  expect(canaries.isTrouble).toBe(false);
  canaries.pass(1);
  expect(canaries.isTrouble).toBe(isTrouble);
});

test('the trouble says what is missing, and the next press that comes through restores it', () => {
  const canaries = new Canaries();
  canaries.pass(60_000);
  canaries.hear();
  canaries.answer(ACKNOWLEDGED, 'central');
  canaries.pass(30_000);
  expect(canaries.published('trouble').at(-1)?.text).toBe('Canary press not acknowledged on pager within 30 s');
  canaries.pass(570_000);
  canaries.hear();
  canaries.answer(ACKNOWLEDGED);
  expect(canaries.isTrouble).toBe(false);
});

test('a late acknowledgement of the press before says nothing about a press that has not been heard yet', () => {
  const canaries = new Canaries();
  canaries.pass(60_000);
  canaries.hear();
  canaries.pass(30_000);
  expect(canaries.isTrouble).toBe(true);
  canaries.test.pressNow();
  canaries.answer(ACKNOWLEDGED);
  expect(canaries.isTrouble).toBe(true);
});

test('drills and tests stay off live-only paths, and so does the canary', () => {
  const canaries = new Canaries();
  canaries.hear();
  expect(canaries.attempts().map((attempt) => attempt.path)).toEqual(['central', 'pager']);
});

test('a path that is down has a trouble already: the canary does not wait for it', () => {
  const canaries = new Canaries();
  const pager = canaries.parts.paths.get('pager');
  for (let failure = 0; failure < 2; failure += 1) pager?.reportFailed('no answer', 'unanswered');
  canaries.hear();
  canaries.answer(ACKNOWLEDGED, 'central');
  canaries.pass(30_000);
  expect(canaries.isTrouble).toBe(false);
});

test('without an output somebody has to press it once each interval, and it can not be pressed by command', () => {
  const { output: _, ...pressed } = CANARY;
  const canaries = new Canaries(pressed);
  expect(canaries.test.pressNow().ok).toBe(false);
  canaries.pass(599_999);
  canaries.hear();
  canaries.answer(ACKNOWLEDGED);
  canaries.pass(1);
  expect(canaries.isTrouble).toBe(false);
  canaries.pass(600_000);
  expect(canaries.isTrouble).toBe(true);
});
