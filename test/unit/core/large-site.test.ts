import { expect, test } from 'vitest';
import { Core } from '../../../gateway/core/core.ts';
import type { Effect } from '../../../gateway/core/effect.ts';
import type { CoreInput } from '../../../gateway/core/input.ts';
import { device, path, site } from '../../simulation/site.ts';

const DEVICES = 1_000;
const WINDOW_MS = 90_000;

function missing(effects: readonly Effect[]): number {
  return effects.filter((effect) => effect.type === 'log' && effect.event === 'device.missing').length;
}

test('when all devices of a large site are missing at one instant, a press does not wait until each of them is told', () => {
  const devices = Array.from({ length: DEVICES }, (_, index) => device(index));
  const supervision = { ...path('central').supervision, mode: 'off' } as const;
  // There is room for all, so that only the gateway's own work can delay the press.
  const central = path('central', { supervision, parallel: 2 * DEVICES });
  const core = new Core(site(devices, [central]), [], { monoMs: 0, wallMs: 0 });
  let monoMs = 0;
  const give = (input: CoreInput) => core.handle(input, { monoMs, wallMs: monoMs });
  core.start({ monoMs, wallMs: 0 });
  give({ type: 'inputHealth', health: { input: 'bus-1', state: 'up', detail: 'open' } });
  while ((core.nextWakeMs() ?? WINDOW_MS) < WINDOW_MS) {
    monoMs = core.nextWakeMs() ?? WINDOW_MS;
    give({ type: 'tick' });
  }

  monoMs = WINDOW_MS;
  let told = missing(give({ type: 'tick' }));
  expect(told).toBeLessThan(DEVICES / 10);
  const body = { type: 'press', button: 0, pattern: 'single' } as const;
  const from = { input: 'bus-1', device: 'wb-0', authenticated: true, capturedMs: monoMs } as const;
  const pressed = give({ type: 'signal', signal: { ...from, identity: { epoch: 1, counter: 1 }, body } });
  expect(pressed[0]).toMatchObject({ type: 'send', attempt: { report: { id: 'wb-0.1.1' } } });
  expect(missing(pressed)).toBeLessThan(10);
  told += missing(pressed);
  // Everything else follows at once: the core asks for another call at this instant.
  while ((core.nextWakeMs() ?? Number.POSITIVE_INFINITY) <= monoMs) told += missing(give({ type: 'tick' }));
  expect(told).toBe(DEVICES);
});

test('when all devices of a large site are missing, NOT CONFIRMED and the next path are not told behind them', () => {
  const devices = Array.from({ length: DEVICES }, (_, index) => device(index));
  const supervision = { ...path('central').supervision, mode: 'off' } as const;
  const core = new Core(site(devices, [path('central', { supervision })]), [], { monoMs: 0, wallMs: 0 });
  let monoMs = 0;
  const give = (input: CoreInput) => core.handle(input, { monoMs, wallMs: monoMs });
  core.start({ monoMs, wallMs: 0 });
  give({ type: 'inputHealth', health: { input: 'bus-1', state: 'up', detail: 'open' } });
  const run = (untilMs: number) => {
    while ((core.nextWakeMs() ?? untilMs) < untilMs) {
      monoMs = core.nextWakeMs() ?? untilMs;
      give({ type: 'tick' });
    }
    monoMs = untilMs;
  };
  // Its deadline of 10 s is over just behind theirs.
  run(WINDOW_MS - 10_000 + 1);
  const body = { type: 'press', button: 0, pattern: 'single' } as const;
  const from = { input: 'bus-1', device: 'wb-0', authenticated: true, capturedMs: monoMs } as const;
  give({ type: 'signal', signal: { ...from, identity: { epoch: 1, counter: 1 }, body } });
  run(WINDOW_MS);
  monoMs = WINDOW_MS + 1;
  const effects = give({ type: 'tick' });
  expect(effects.filter((effect) => effect.type === 'log' && effect.event === 'alert.notConfirmed')).toHaveLength(1);
});
