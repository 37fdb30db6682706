import { randomBytes } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createBusSearch } from '../../gateway/inputs/button-bus/search.ts';
import type { InputSearch } from '../../gateway/inputs/input-driver.ts';
import type { NodeStranger } from '../../protocol/discovery-document.ts';
import { frame, KEY, makeRig, NODE, type Rig } from './button-bus-rig.ts';
import { Waiting } from './support/waiting.ts';

const OTHER_KEY = randomBytes(16);
const HELLO = { type: 'hello', serial: '0011223344556677', model: 1, firmware: '1.0', buttons: 4, points: 0 } as const;

let rig: Rig;
beforeEach(() => {
  rig = makeRig();
});
afterEach(() => rig.close());

const nodes = (found: { strangers(): unknown }) =>
  (found.strangers() as { strangers: readonly NodeStranger[] }).strangers;

describe('the running driver', () => {
  test('knows which address spoke, what it said, its serial number, and whose key opens its frames', async () => {
    rig.driver.start();
    await rig.sink.until('the port', () => rig.sink.states.includes('up'));
    const line = rig.pty();
    line.write(frame(1, HELLO, { address: 9, key: OTHER_KEY }));
    line.write(frame(2, undefined, { address: 9, key: OTHER_KEY }));
    line.write(frame(3, { type: 'release', button: 1, heldMs: 200 }, { address: 9, key: OTHER_KEY }));
    line.write(frame(2, undefined, { address: 9, key: OTHER_KEY }));
    line.write(frame(1, undefined, { address: 10 }));
    line.write(frame(1, undefined, { key: OTHER_KEY }));
    line.write(frame(3));
    await rig.sink.until('an enrolled press', () => rig.sink.presses.length > 0);
    const [own, stranger, moved] = nodes(rig.driver);
    expect(own).toMatchObject({ address: NODE.address, claims: 'lobby', messages: 1 });
    expect(own).not.toHaveProperty('opened_by_key_of');
    expect(stranger).toMatchObject({
      kind: 'node',
      address: 9,
      serial: HELLO.serial,
      messages: 4,
      movement: 'a button was pressed',
    });
    expect(stranger).not.toHaveProperty('claims');
    expect(stranger).not.toHaveProperty('opened_by_key_of');
    expect(moved).toMatchObject({ address: 10, opened_by_key_of: 'lobby' });
  });

  test('a flood from every address is bounded by the addresses there are, and an enrolled press arrives after it', async () => {
    rig.driver.start();
    await rig.sink.until('the port', () => rig.sink.states.includes('up'));
    for (let at = 0; at < 1200; at += 1) {
      const address = 1 + (at % 254);
      const forged = frame(at, undefined, { address, key: OTHER_KEY });
      rig.pty().write(forged);
      while (rig.pty().waitingBytes > 10_000) await new Promise((resolve) => setImmediate(resolve));
    }
    rig.pty().write(frame(3));
    await rig.sink.until('an enrolled press', () => rig.sink.presses.length > 0);
    expect(nodes(rig.driver)).toHaveLength(254);
  });
});

describe('without a gateway', () => {
  test('the search hears strangers, passes over enrolled nodes, and never writes a byte', async () => {
    const written: Uint8Array[] = [];
    rig.pty().onData((bytes) => written.push(bytes.slice()));
    const known = [{ device: 'lobby', address: NODE.address, key: KEY }];
    const elsewhere = { device: 'far-1', address: 9, key: OTHER_KEY };
    const settings = { driver: 'button-bus', id: 'bus', port: rig.port, baudRate: 115_200, nodes: known } as const;
    const search = createBusSearch(settings, [...known, elsewhere]);
    search.start();
    try {
      await until('the port to be open', search, () => search.state().isListening);
      rig.pty().write(frame(1));
      rig.pty().write(frame(2, HELLO, { address: 9, key: OTHER_KEY }));
      rig.pty().write(frame(3, undefined, { key: OTHER_KEY }));
      await until('the strangers', search, () => nodes(search).length === 2);
      const [own, moved] = nodes(search);
      expect(own).toMatchObject({ address: NODE.address, claims: 'lobby', opened_by_key_of: 'far-1' });
      expect(moved).toMatchObject({ address: 9, serial: HELLO.serial, opened_by_key_of: 'far-1' });
      expect(moved).not.toHaveProperty('claims');
      expect(search.state().detail).toContain('3 frames');
    } finally {
      await search.stop();
    }
    expect(written).toEqual([]);
  });

  test('a port that is not there is said, with what to do', async () => {
    const settings = { driver: 'button-bus', id: 'bus', port: '/dev/none', baudRate: 9600, nodes: [] } as const;
    const search = createBusSearch(settings, []);
    search.start();
    await until('the fault', search, () => search.state().detail.includes('/dev/none'));
    expect(search.state().isListening).toBe(false);
    await search.stop();
  });
});

async function until(what: string, search: InputSearch, met: () => boolean): Promise<void> {
  const waiting = new Waiting();
  const look = setInterval(() => waiting.check(), 5);
  await waiting.until(what, met, () => search.state()).finally(() => clearInterval(look));
}
