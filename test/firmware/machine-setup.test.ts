import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { NodeMachine } from '../../device-sim/firmware/node-machine.ts';
import { BOARD_1284P, type BoardKind, NANO, PRO_MINI } from '../../device-sim/firmware/node-pins.ts';
import { openPseudoTerminal } from '../../device-sim/pty/pseudo-terminal.ts';
import { keyCheckValue } from '../../gateway/cli/node/node-dialogue.ts';
import { setUpNode } from '../../gateway/cli/node/setup-node.ts';
import { testNode } from '../../gateway/cli/node/test-node.ts';
import { edited, KEYS, SECRETS, SITE } from '../unit/config/site-fixture.ts';
import { isImageMissing, machine } from './image.ts';

const BIT_MS = 1000 / 38_400;
const ANSWER_MS = 3_000;
const NEWLINE = 0x0a;
const TIMES = { greetingMs: 20_000, answerMs: 5_000, saveMs: 10_000 };

/** Connects the service port of a machine to a terminal. The machine runs while it is asked. */
function connect(node: NodeMachine): { readonly path: string; close(): void } {
  const cable = openPseudoTerminal();
  let answer: number[] = [];
  node.onByte = ({ byte }) => answer.push(byte);
  cable.onData((bytes) => {
    let atMs = node.nowMs;
    for (const byte of bytes) {
      node.hear({ byte, isDamaged: false }, atMs, BIT_MS);
      atMs += 10 * BIT_MS;
    }
    node.runUntil(atMs);
    if (bytes.at(-1) !== NEWLINE || bytes.length === 1) return;
    for (const endMs = atMs + ANSWER_MS; answer.at(-1) !== NEWLINE && node.nowMs < endMs; )
      node.runUntil(node.nowMs + 1);
    cable.write(Uint8Array.from(answer));
    answer = [];
  });
  return { path: cable.path, close: () => cable.close() };
}

describe.skipIf(isImageMissing()).each([
  [NANO.name, NANO, 115_200],
  [PRO_MINI.name, PRO_MINI, 38_400],
  [BOARD_1284P.name, BOARD_1284P, 115_200],
] as const)('callpoint node setup and the machine code of %s', (_name, board: BoardKind, baudRate) => {
  const storage = new Uint8Array(board.chip.eepromBytes).fill(0xff);
  let directory = '';
  let config = '';
  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), 'callpoint-machine-'));
    config = join(directory, 'site.yaml');
    writeFileSync(config, edited(SITE, ['port: /dev/null }', `port: /dev/null, baudRate: ${baudRate} }`]));
    writeFileSync(join(directory, 'keys.yaml'), KEYS);
    chmodSync(join(directory, 'keys.yaml'), 0o600);
  });
  afterAll(() => rmSync(directory, { recursive: true }));

  /** A node in service mode. */
  async function withNode(use: (node: NodeMachine, path: string) => Promise<void>): Promise<void> {
    const node = machine(storage, { board });
    node.jumper(true);
    node.switchOn();
    node.runUntil(200);
    expect(node.shown.colour).toBe('amber');
    const cable = connect(node);
    try {
      await use(node, cable.path);
    } finally {
      cable.close();
    }
    expect(node.offences).toEqual([]);
  }

  test('a new chip is set up over its service port, and starts with the key of the site', async () => {
    let printed = '';
    await withNode(async (node, path) => {
      const out = (line: string) => {
        printed += line;
      };
      await setUpNode(path, 'wb-101', { config, json: true }, out, TIMES);
      // It restarts by itself when the jumper is taken off.
      node.onByte = () => undefined;
      node.jumper(false);
      node.runUntil(node.nowMs + 2_000);
      expect(node.shown.colour).toBe('dark');
    });
    const said = JSON.parse(printed);
    expect(said.board).toMatchObject({ name: board.name, buttons_max: 4, points_max: 3 });
    expect(said.settings.key).toBe(`check ${keyCheckValue(Buffer.from(SECRETS['wb-101'], 'hex'))}`);
    expect(printed).not.toContain(SECRETS['wb-101']);
    expect(Buffer.from(storage).includes(Buffer.from(SECRETS['wb-101'], 'hex'))).toBe(true);
  });

  test('contacts, LED and buzzer of the chip are tested', async () => {
    const seen: string[] = [];
    let printed = '';
    await withNode(async (node, path) => {
      node.onShown = ({ colour, buzzes }) => seen.push(buzzes ? 'buzzer' : colour);
      node.button(1, true);
      node.point(0, true);
      node.cover(false);
      const out = (line: string) => {
        printed += line;
      };
      await testNode(path, { seconds: 0, json: true }, out, TIMES, 1);
    });
    expect(seen).toEqual(['red', 'green', 'amber', 'buzzer', 'dark']);
    expect(JSON.parse(printed)).toMatchObject({ buttons: [1], points: [0], cover_was_off: true });
  });
});
