import { describe, expect, test } from 'vitest';
import { Commands } from '../../../gateway/core/commands.ts';
import { DeviceSupervision } from '../../../gateway/core/devices/device-supervision.ts';
import type { GatewayCommand } from '../../../protocol/gateway-command.ts';
import { device } from '../../simulation/site.ts';
import { TestContext } from './test-context.ts';

const WHO = { by: 'anna', reason: 'because' };

function commands() {
  const test = new TestContext();
  const tag = new DeviceSupervision(device(1, { counterOnly: true }), test.context, test.troubles);
  const node = new DeviceSupervision(device(2, { keyFingerprint: 'aa' }), test.context, test.troubles);
  const contact = new DeviceSupervision(device(3), test.context, test.troubles);
  const devices = new Map([tag, node, contact].map((each) => [each.device.id, each]));
  const closed: string[] = [];
  const one = new Commands(test.context, {
    alerts: { close: (id, state) => id === 'wb-1.1.1' && closed.push(`${id} ${state}`) > 0 },
    devices,
    drills: { start: () => ({ ok: true, text: 'started' }), stop: () => ({ ok: true, text: 'stopped' }) },
    walkTest: {
      tests: { start: () => ({ ok: true, text: 'begun' }), stop: () => ({ ok: true, text: 'over' }) },
      outputs: { take: ({ output }) => ({ ok: true, text: output }) },
    },
    canary: undefined,
  });
  test.onTimer = (timer) => {
    if (timer.type === 'enrolmentEnd') one.enrolmentOver(timer.device);
  };
  const answer = (command: GatewayCommand) => {
    one.take(command, 7);
    return test.of('commandAnswer').at(-1);
  };
  return { test, one, tag, closed, answer };
}

describe('what an operator asks for', () => {
  test.each<[string, GatewayCommand, boolean, string]>([
    ['to resolve an open alert', { command: 'resolve', alert: 'wb-1.1.1', ...WHO }, true, 'wb-1.1.1 resolved'],
    ['to cancel an open alert', { command: 'cancel', alert: 'wb-1.1.1', ...WHO }, true, 'wb-1.1.1 cancelled'],
    ['to resolve what is not open', { command: 'resolve', alert: 'x', ...WHO }, false, 'there is no open alert x'],
    ['to enrol a tag', { command: 'enrol', device: 'wb-1', minutes: 5, ...WHO }, true, 'within 5 min'],
    ['to enrol a node', { command: 'enrol', device: 'wb-2', minutes: 5, ...WHO }, false, 'needs no enrolment'],
    ['to enrol a contact', { command: 'enrol', device: 'wb-3', minutes: 5, ...WHO }, false, 'nothing to enrol'],
    ['to enrol nobody', { command: 'enrol', device: 'x', minutes: 5, ...WHO }, false, 'there is no device x'],
    ['to start a drill', { command: 'drill', action: 'start', scope: 'site', minutes: 5, ...WHO }, true, 'started'],
    ['to stop a drill', { command: 'drill', action: 'stop', scope: 'site', minutes: 0, ...WHO }, true, 'stopped'],
    ['to press a canary that there is not', { command: 'canary', ...WHO }, false, 'add canary: to site.yaml'],
  ])('%s is answered', (_, command, ok, text) => {
    const { answer } = commands();
    expect(answer(command)).toMatchObject({ ticket: 7, ok, text: expect.stringContaining(text) });
  });

  test('a refusal is logged with who asked and why it was refused', () => {
    const { test, one } = commands();
    one.take({ command: 'resolve', alert: 'x', ...WHO });
    expect(test.of('commandAnswer')).toEqual([]);
    expect(test.of('log').at(-1)).toMatchObject({ event: 'command.refused', fields: { by: 'anna' } });
  });

  test('an enrolment is over after its minutes', () => {
    const { test, tag, answer } = commands();
    const lower = { epoch: 0, counter: 1 };
    tag.numbering.accept({ epoch: 0, counter: 9 }, false);
    const signal = {
      input: 'bus-1',
      device: 'wb-1',
      authenticated: true,
      capturedMs: 0,
      identity: lower,
      body: { type: 'press', button: 0, pattern: 'single' },
    } as const;
    answer({ command: 'enrol', device: 'wb-1', minutes: 5, ...WHO });
    test.run(5 * 60_000 - 1);
    expect(tag.numbering.check(signal, 0)).toMatchObject({ freshness: 'new', enrols: true });
    test.run(1);
    expect(tag.numbering.check(signal, 0)).toMatchObject({ freshness: 'stale' });
  });
});
