import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { keyCheckValue } from '../../gateway/cli/node/node-dialogue.ts';
import { setUpNode } from '../../gateway/cli/node/setup-node.ts';
import { showNode } from '../../gateway/cli/node/show-node.ts';
import { testNode } from '../../gateway/cli/node/test-node.ts';
import { PolledPort } from '../../gateway/serial/polled-port.ts';
import { edited, KEYS, SITE } from '../unit/config/site-fixture.ts';
import { compiler, HostNode } from './node-service/host-node.ts';
import { NodeTwin } from './node-service/node-twin.ts';

/** The twin answers at once. Only what it loses costs these times. */
const TIMES = { greetingMs: 300, answerMs: 60, saveMs: 100 };
const QUICK = { greetingMs: 40, answerMs: 20, saveMs: 20 };

/** The key of wb-101 in the fixture. */
const KEY = /wb-101: ["']?([0-9a-f]{32})/.exec(KEYS)?.[1] ?? '';
const CHECK = keyCheckValue(Buffer.from(KEY, 'hex'));

describe.skipIf(compiler === undefined)('callpoint node', () => {
  const node = compiler === undefined ? undefined : new HostNode();
  let directory = '';
  let config = '';
  let twin: NodeTwin;
  let printed: string[] = [];
  const out = (line: string) => printed.push(line);
  const text = () => printed.join('\n').replaceAll(/\s+/g, ' ');

  beforeEach(() => {
    if (node === undefined) return;
    node.memory = new Uint8Array(512).fill(0xff);
    node.isBoard(4, 3, 0b11111);
    node.contacts(0, 0, false);
    node.start();
    twin = new NodeTwin(node);
    printed = [];
    directory = mkdtempSync(join(tmpdir(), 'callpoint-node-'));
    config = join(directory, 'site.yaml');
    site(SITE);
  });
  afterEach(() => {
    twin.close();
    rmSync(directory, { recursive: true });
    // No line of the node and no output of the command may ever hold the key.
    expect(text().toLowerCase()).not.toContain(KEY);
  });

  function site(content: string): void {
    writeFileSync(config, content);
    writeFileSync(join(directory, 'keys.yaml'), KEYS);
    chmodSync(join(directory, 'keys.yaml'), 0o600);
  }

  const setUp = (device: string | undefined, more: object = {}, times = TIMES) =>
    setUpNode(twin.path, device, { config, ...more }, out, times);
  const failure = async (doing: Promise<void>) => {
    const error: unknown = await doing.then(
      () => undefined,
      (thrown) => thrown,
    );
    return error instanceof Error && 'code' in error ? `${error.code}: ${error.message}` : String(error);
  };

  test('a new node gets all that the site says of its device, and starts with it at epoch 1', async () => {
    await setUp('wb-101');
    expect(node?.loaded()).toEqual({ key: KEY, address: 17 });
    expect(node?.nextEpoch()).toBe(1);
    expect(text()).toContain('wb-101 (Main building, First floor, Rm 101 Reception) is written in it');
    expect(text()).toContain(`key check value ${CHECK}`);
    expect(text()).toContain('buttons 2 (0: panic, 1: lock)');
    expect(text()).toContain('long-press 0 ');
    expect(text()).toContain('normally-closed 0,1 ');
    expect(text()).toContain('baud 115200 Bd');
    expect(text()).toMatch(/Label .* 101 wb-101 bus-1, address 17, 115200 Bd serial number [0-9A-F]{16} /);
    expect(text()).toMatch(/Next: 1\. Take the set-up jumper off.*callpoint walk-test start --scope device:wb-101/);
    expect(text()).toContain('Warning: this node begins at epoch 1');
  });

  test('--json says the same to a program', async () => {
    await setUp('wb-101', {
      json: true,
      serial: '001A790000004002',
      normallyOpen: ['bolt'],
      battery: 2900,
      direct: true,
      buzzer: false,
    });
    expect(JSON.parse(printed.join('\n'))).toMatchObject({
      ok: true,
      device: 'wb-101',
      board: { name: 'nano-328p-16mhz', firmware: '1.0' },
      state: { settings: 'saved' },
      settings: {
        address: '17',
        serial: '001A790000004002',
        key: `check ${CHECK}`,
        normally_closed: '0',
        low_battery: '2900',
        shared_line: 'no',
        buzzer: 'no',
        heartbeat: '30',
      },
      contacts: { cover_on: true, buttons: [], points: [] },
    });
  });

  test('a silent button is dark from its first press on: the gateway could say so only later', async () => {
    // Its kind is hold-up, which is silent.
    await setUp('wb-102', { json: true });
    expect(JSON.parse(printed.join('\n')).settings.silent).toBe('0');
  });

  test('set up once more, it keeps its serial number and its epoch', async () => {
    await setUp('wb-101', { json: true });
    const { serial } = JSON.parse(printed.join('\n')).settings;
    node?.nextEpoch();
    node?.start();
    printed = [];
    await setUp('wb-101', { json: true });
    expect(JSON.parse(printed.join('\n'))).toMatchObject({ settings: { serial }, state: { epoch: 1 }, warnings: [] });
    expect(node?.nextEpoch()).toBe(2);
  });

  test('a boot loader that eats the first bytes, damaged and lost lines cost only time', async () => {
    Object.assign(twin.rude, { bootBytes: 23 });
    await setUp('wb-101');
    for (const rude of [{ damagedLines: 1 }, { damagedAnswers: 2 }, { lostAnswers: 2 }]) {
      Object.assign(twin.rude, rude);
      twin.say('garbage +address 5*0000\n\n+board*');
      await setUp('wb-101');
    }
    expect(node?.loaded()).toEqual({ key: KEY, address: 17 });
  });

  test('without the jumper the node runs: the message says what to do', async () => {
    twin.rude.isRunning = true;
    // Long enough for a byte to come on a busy machine.
    const message = await failure(setUp('wb-101', {}, { ...QUICK, greetingMs: 1_000 }));
    expect(message).toMatch(/^NODE_UNREACHABLE: No node answers on .*bytes came, and no answer.*jumper \(D4 to GND/);
  });

  test('no node at all: nothing came', async () => {
    twin.rude.linesLeft = 0;
    expect(await failure(setUp('wb-101', {}, QUICK))).toContain('nothing came. Fit the set-up jumper');
  });

  test('a cable that is pulled in the middle leaves the former settings', async () => {
    await setUp('wb-101');
    for (const linesLeft of [5, 17, 25]) {
      twin.rude.linesLeft = linesLeft;
      expect(await failure(setUp('wb-b101', { yes: true }, QUICK))).toMatch(/^NODE_UNREACHABLE: .*stopped answering/);
      node?.start();
      expect(node?.loaded()).toEqual({ key: KEY, address: 17 });
    }
  });

  test("the gateway's running port is refused, and nothing is sent on it", async () => {
    const port = await PolledPort.open(
      twin.path,
      { baudRate: 115_200 },
      { bytes: () => undefined, lost: () => undefined },
    );
    try {
      const message = await failure(setUp('wb-101'));
      expect(message).toMatch(/^NODE_UNREACHABLE: .* is locked: another program uses it/);
      expect(message).toContain("connect the node's own USB port");
      expect(twin.lines).toEqual([]);
    } finally {
      await port.close();
    }
  });

  test('a port that is not there', async () => {
    const message = await failure(setUpNode('/dev/ttyNoNode', 'wb-101', { config }, out));
    expect(message).toBe('NODE_UNREACHABLE: /dev/ttyNoNode is not there: is the adapter plugged in?');
  });

  test('a rate that the board cannot keep, and too few buttons, are refused before anything is written', async () => {
    node?.isBoard(1, 3, 0b00111);
    const tooFew = await failure(setUp('wb-101'));
    expect(tooFew).toMatch(/^NODE_REFUSED: The board nano-328p-16mhz has 1 buttons .* up to number 1/);
    node?.isBoard(4, 3, 0b00111);
    const tooFast = await failure(setUp('wb-101'));
    expect(tooFast).toContain("can't keep 115200 Bd with its clock: 9600, 19200, 38400 are possible");
    expect(twin.lines.filter((line) => /^@(set|save)/.test(line))).toEqual([]);
  });

  test("another device's node is not written over by mistake", async () => {
    await setUp('wb-101');
    expect(await failure(setUp('wb-102', { json: true }))).toMatch(/^NODE_REFUSED: This node is set up for address 17/);
    expect(node?.loaded()?.address).toBe(17);
    await setUp('wb-102', { yes: true });
    expect(node?.loaded()?.address).toBe(18);
  });

  test('a lost epoch under the same key needs a new key', async () => {
    await setUp('wb-101');
    if (node !== undefined) node.memory = Uint8Array.from(node.memory, (byte, at) => (at < 256 ? 0 : byte));
    expect(await failure(setUp('wb-101'))).toMatch(/^NODE_REFUSED: .*callpoint keys rotate/);
  });

  test.each([
    ['wb-999', /^USAGE: There is no wall node wb-999/],
    [undefined, /^USAGE: Name the wall node that this is to be: wb-101, wb-102/],
  ])('device %s', async (device, wanted) => {
    expect(await failure(setUp(device))).toMatch(wanted);
    expect(twin.lines).toEqual([]);
  });

  test('a heartbeat that no node has', async () => {
    site(edited(SITE, ['address: 17\n', 'address: 17\n    heartbeatSeconds: 2\n']));
    expect(await failure(setUp('wb-101'))).toMatch(/^NODE_REFUSED: A node's heartbeat .*heartbeatSeconds: 2/);
  });

  test('show says which device it is, or whose address it has with another key', async () => {
    await showNode(twin.path, { config }, out, TIMES);
    expect(text()).toContain('It has no settings, and sends nothing');
    await setUp('wb-101');
    printed = [];
    await showNode(twin.path, { config, json: true }, out, TIMES);
    expect(JSON.parse(printed.join('\n'))).toMatchObject({ device: 'wb-101', settings: { key: `check ${CHECK}` } });
    writeFileSync(join(directory, 'keys.yaml'), KEYS.replace(KEY, '5d7a90c2e81f463bb0429e6c17fd8530'));
    printed = [];
    await showNode(twin.path, { config }, out, TIMES);
    expect(text()).toContain('another key: callpoint node setup writes the right one');
    printed = [];
    await showNode(twin.path, { config: join(directory, 'none.yaml') }, out, TIMES);
    expect(text()).toContain("can't be said");
  });

  test('test shows every light, the buzzer, and each contact that closes', async () => {
    node?.contacts(0b10, 0b1, true);
    await testNode(twin.path, { seconds: 0, json: true }, out, TIMES, 1);
    const lights = twin.lines.filter((line) => line.startsWith('@test')).map((line) => line.slice(6, -5));
    expect(lights).toEqual(['red', 'green', 'amber', 'buzzer', 'off']);
    expect(node?.shown).toEqual({ red: false, green: false, buzzer: false });
    expect(JSON.parse(printed.join('\n'))).toMatchObject({ ok: true, buttons: [1], points: [0], cover_was_off: true });
  });
});
