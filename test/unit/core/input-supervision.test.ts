import { describe, expect, test } from 'vitest';
import { DeviceSupervision } from '../../../gateway/core/devices/device-supervision.ts';
import { InputSupervision } from '../../../gateway/core/devices/input-supervision.ts';
import type { InputHealth } from '../../../gateway/core/signal.ts';
import { device, output, site } from '../../simulation/site.ts';
import { TestContext } from './test-context.ts';

function supervised() {
  const test = new TestContext();
  const one = new DeviceSupervision(device(101), test.context, test.troubles);
  const input = new InputSupervision('bus-1', [one], test.context, test.troubles);
  test.onTimer = (timer) => {
    if (timer.type === 'inputDue') input.firstHealthDue();
    else if (timer.type === 'deviceDue') one.overdue();
  };
  input.start();
  const health = (state: InputHealth['state'], detail: string) => input.health({ input: 'bus-1', state, detail });
  const documents = () => test.of('publish').flatMap(({ publication: of }) => (of.kind === 'input' ? of.document : []));
  return { test, input, health, documents };
}

describe('the outputs of an input', () => {
  const STROBE = 'Output strobe can’t be switched';
  const wired = () => {
    const test = new TestContext({ ...site([], []), outputs: [output('strobe', 'header'), output('led', 'board-1')] });
    const input = new InputSupervision('header', [], test.context, test.troubles);
    const up = (...faulty: string[]) => {
      const outputFaults = faulty.map((detail) => ({ output: 'strobe', detail }));
      input.health({ input: 'header', state: 'up', detail: `up ${faulty}`, outputFaults });
    };
    return { test, input, up };
  };

  test('that can’t be switched are each one trouble, reworded with its cause, until they can', () => {
    const { test, up } = wired();
    up('GPIO8 is in use');
    expect(test.texts).toEqual([STROBE]);
    up('GPIO8 is not there');
    expect(test.texts).toEqual([STROBE]);
    up();
    expect(test.texts.at(-1)).toBe(`Restored: ${STROBE}`);
    expect(test.details).toEqual(['GPIO8 is in use', 'GPIO8 is not there', 'GPIO8 is not there']);
    expect(test.troubles.anyStands()).toBe(false);
  });

  test('stay in trouble while the input is down: nothing new is known of them', () => {
    const { test, input, up } = wired();
    up('GPIO8 is in use');
    input.health({ input: 'header', state: 'down', detail: 'unplugged' });
    expect(test.troubles.stands('outputFault', 'strobe')).toBe(true);
    up();
    expect(test.troubles.stands('outputFault', 'strobe')).toBe(false);
  });

  test('of another input are left alone', () => {
    const { test, up } = wired();
    test.troubles.raise('outputFault', 'led', { text: 'Output led can’t be switched' });
    up();
    expect(test.troubles.stands('outputFault', 'led')).toBe(true);
  });

  test('that an earlier run left in trouble are restored once they are known to work', () => {
    const { test, input, up } = wired();
    up();
    test.troubles.raise('outputFault', 'strobe', { text: STROBE });
    input.restoreTroubles();
    expect(test.troubles.stands('outputFault', 'strobe')).toBe(false);
  });
});

describe('an input', () => {
  test('of which its driver says nothing for half a minute is down', () => {
    const { test } = supervised();
    test.run(29_999);
    expect(test.texts).toEqual([]);
    test.run(1);
    expect(test.texts).toEqual(['Input bus-1 down']);
  });

  test('that brings a signal is up, whatever its driver has not said', () => {
    const { test, input } = supervised();
    test.run(30_000);
    input.heard();
    test.run(0);
    expect(test.texts.at(-1)).toMatch(/^Restored: Input bus-1 down/);
  });

  test('that its driver calls down stays down, although a signal was still on its way', () => {
    const { test, input, health } = supervised();
    health('down', 'port unplugged');
    input.heard();
    expect(test.texts).toEqual(['Input bus-1 down']);
    expect(test.troubles.stands('inputDown', 'bus-1')).toBe(true);
  });

  test('that is down for another cause now is one trouble with a new text', () => {
    const { test, health, documents } = supervised();
    health('down', 'port unplugged');
    health('down', 'open failed: permission denied');
    expect(test.texts).toHaveLength(1);
    expect(documents().at(-1)).toMatchObject({ state: 'down', detail: 'open failed: permission denied' });
    health('up', 'open');
    expect(test.texts.at(-1)).toBe('Restored: Input bus-1 down');
    expect(test.details.at(-1)).toBe('open failed: permission denied');
  });

  test('that is down excuses its devices: they are unknown, not missing', () => {
    const { test, health } = supervised();
    health('up', 'open');
    test.run(1_000);
    health('down', 'port unplugged');
    test.run(1_000_000);
    expect(test.texts).toEqual(['Input bus-1 down']);
    health('up', 'open');
    test.run(90_000);
    expect(test.texts.at(-1)).toBe('Device missing: wb-101, Main building, Floor 1, Rm 101');
  });

  test('that is up when an earlier run’s trouble is recovered late ends it; one that is down does not', () => {
    const { test, input, health } = supervised();
    health('down', 'port unplugged');
    input.restoreTroubles();
    expect(test.troubles.stands('inputDown', 'bus-1')).toBe(true);
    health('up', 'open');
    test.troubles.raise('inputDown', 'bus-1', { text: 'Input bus-1 down' });
    input.restoreTroubles();
    test.run(61_000);
    expect(test.troubles.stands('inputDown', 'bus-1')).toBe(false);
  });

  test('publishes its counters when a frame was rejected, not with each frame', () => {
    const { input, documents } = supervised();
    const before = documents().length;
    input.counters({ framesHeard: 5, framesRejected: 0, bytesRead: 50 });
    expect(documents()).toHaveLength(before);
    input.counters({ framesHeard: 6, framesRejected: 1, bytesRead: 60 });
    expect(documents().at(-1)).toMatchObject({ frames_heard: 6, frames_rejected: 1 });
  });

  test('publishes how many frames it has heard once a minute, while frames come', () => {
    const { test, input, documents } = supervised();
    input.health({ input: 'bus-1', state: 'up', detail: 'open' });
    const heard = () => documents().map(({ frames_heard }) => frames_heard);
    const before = documents().length;
    for (let tick = 1; tick <= 18; tick += 1) {
      test.run(10_000);
      input.counters({ framesHeard: Math.min(tick, 9) * 4, framesRejected: 0, bytesRead: 0 });
    }
    // After one minute, and after two. In the third none came.
    expect(heard().slice(before)).toEqual([24, 36]);
  });
});
