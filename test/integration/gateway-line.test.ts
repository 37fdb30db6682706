import { randomBytes } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { SimulatedNode, SimulatedSite } from '../../device-sim/site/site-file.ts';
import { type EdgeMakers, realEdges } from '../../gateway/gateway.ts';
import type { InputDriver } from '../../gateway/inputs/input-driver.ts';
import { WholeGateway } from './support/whole-gateway.ts';

const HEARTBEAT_WINDOW_MS = 2000;

describe('a port that is unplugged', () => {
  let whole: WholeGateway;
  beforeAll(async () => {
    whole = await WholeGateway.start({ rooms: 6, heartbeatSeconds: 1, device: '    missedHeartbeats: 2' });
    await whole.ready();
  });
  afterAll(() => whole.stop());

  /** Others may come: a disk of the machine that stalls is a trouble of the journal. */
  const troublesOfLine = () => whole.troublesDisplayed.filter((text) => !text.includes('Journal'));

  test('is one trouble at the receiver, and not one for each device that is no longer heard', async () => {
    whole.simulator.unplug('bus-1');
    await whole.receiver.until(() => troublesOfLine().length > 0);
    // Longer than the devices' windows. Nothing but time can show this.
    await pause(HEARTBEAT_WINDOW_MS + 500);
    expect(troublesOfLine()).toEqual([expect.stringMatching(/^ET Input bus-1 down \(\S+\)$/)]);
    expect(await whole.mqtt.trouble('inputDown')).toMatchObject({
      severity: 'critical',
      input: 'bus-1',
      detail: expect.stringContaining('unplugged'),
    });
    const device = await whole.mqtt.until('dev/wb-101/state', (one: { supervised: string }) => one.supervised !== 'ok');
    expect(device.supervised).toBe('unknown');
  });

  test('and plugged in again hears a press made meanwhile, and the trouble is restored', async () => {
    const id = whole.press('wb-103');
    expect(whole.displayed(id)).toBe(0);
    whole.simulator.replug('bus-1');
    await whole.mqtt.acknowledged(id);
    await whole.led('wb-103', 'green');
    expect(whole.displayed(id)).toBe(1);
    await whole.receiver.until((desk) => desk.displayed.some((event) => event.code === 'ER'));
    expect(troublesOfLine()).toHaveLength(2);
  });
});

const STRANGER: SimulatedNode = {
  settings: { id: 'stranger', address: 99, key: randomBytes(16), epoch: 5, buttons: 1, points: 0 },
  location: '',
  buttons: new Map([['button-2', 0]]),
  points: new Map(),
};

/** The wall with an additional node that is not enrolled, and with a wrong key in wb-102. */
function withStrangers(site: SimulatedSite): SimulatedSite {
  const rekeyed = (node: SimulatedNode): SimulatedNode =>
    node.settings.id === 'wb-102' ? { ...node, settings: { ...node.settings, key: randomBytes(16) } } : node;
  return { ...site, lines: site.lines.map((line) => ({ ...line, nodes: [...line.nodes.map(rekeyed), STRANGER] })) };
}

describe('on a line with strangers and noise', () => {
  let whole: WholeGateway;
  const inputs: InputDriver[] = [];
  beforeAll(async () => {
    const input: EdgeMakers['input'] = (...how) => {
      const driver = realEdges.input(...how);
      inputs.push(driver);
      return driver;
    };
    whole = await (await WholeGateway.start({ rooms: 6, wall: withStrangers, edges: { input } })).ready();
  });
  afterAll(() => whole.stop());

  const unknownPresses = () =>
    whole.troublesDisplayed.filter((text) => /Press(, not accepted| from unknown device)/.test(text));

  test.each([
    ['an address that is not enrolled', 'stranger', 'address 99, address is not enrolled'],
    ['a device whose key does not fit', 'wb-102', 'Rm 102 Office: its key does not fit'],
  ])('a press from %s is a trouble at the receiver at once, and no alert', async (_name, device, words) => {
    const id = whole.press(device);
    await whole.receiver.until(() => unknownPresses().some((text) => text.includes(words)));
    expect(unknownPresses().filter((text) => text.includes(words))).toHaveLength(1);
    expect(whole.displayed(id)).toBe(0);
    expect(whole.log.filter((line) => line.event === 'alert.raised')).toEqual([]);
  });

  test('the stranger goes on repeating: it is told nothing, and the receiver hears of it no more than once a minute', async () => {
    const heard = () => whole.simulator.led('stranger');
    const id = whole.press('wb-101');
    await whole.mqtt.acknowledged(id);
    expect(heard()).toBe('off');
    expect(unknownPresses()).toHaveLength(2);
  });

  test('a flood of garbage beside a press: no alert from it, the press is heard, and the rejected frames are counted', async () => {
    let flooding = true;
    const flood = (async () => {
      for (; flooding; await pause(1)) whole.simulator.noise('bus-1', randomBytes(512));
    })();
    const ids = ['wb-103', 'wb-104', 'wb-105', 'wb-106'].map((device) => whole.press(device));
    for (const id of ids) await whole.mqtt.acknowledged(id);
    flooding = false;
    await flood;
    const raised = whole.log.filter((line) => line.event === 'alert.raised').map((line) => line.alert);
    expect(raised.slice(1).sort()).toEqual([...ids].sort());
    expect(inputs[0]?.counters().framesRejected).toBeGreaterThan(0);
    expect(unknownPresses()).toHaveLength(2);
  });
});
