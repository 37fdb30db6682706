import { describe, expect, test } from 'vitest';
import type { NodeMachine } from '../../device-sim/firmware/node-machine.ts';
import { parseFrame } from '../../protocol/button-bus/frame.ts';
import { crc16Genibus } from '../../protocol/crc16.ts';
import { isImageMissing, KEY, machine, SETTINGS, storageOf } from './image.ts';
import { NodeRig } from './node-rig.ts';

const BIT_MS = 1000 / 38_400;
/** The simulator writes the first copy, and the first set-up the second one. */
const COPIES_AT = { simulator: 256, port: 384 } as const;
const COPY_BYTES = 45;
/** The copies are the same but for their sequence numbers, and so for their sums. */
const fields = (storage: Uint8Array, at: number) => [...storage.slice(at + 2, at + 42)];
const ANSWER_MS = 60;
const SAVE_MS = 700;
/** Not a limit of what is tested: the machine may have other things to do. */
const TIMEOUT_MS = 120_000;

/** A node with its jumper fitted, and somebody at its service port. */
class ServicePort {
  readonly node: NodeMachine;
  #answers = '';

  constructor(storage: Uint8Array, seed = 1) {
    this.node = machine(storage, { seed });
    this.node.onByte = ({ byte }) => {
      this.#answers += String.fromCharCode(byte);
    };
    this.node.jumper(true);
    this.node.switchOn();
    this.node.runUntil(this.node.nowMs + 100);
  }

  /** Sends a line. Returns when its last byte is over. */
  say(words: string): number {
    const line = `@${words}*${crc16Genibus(Buffer.from(words)).toString(16).toUpperCase().padStart(4, '0')}\n`;
    let atMs = this.node.nowMs;
    for (const byte of Buffer.from(line)) {
      this.node.hear({ byte, isDamaged: false }, atMs, BIT_MS);
      atMs += 10 * BIT_MS;
    }
    this.#answers = '';
    return atMs;
  }

  ask(words: string): string {
    this.node.runUntil(this.say(words) + (words === 'save' ? SAVE_MS : ANSWER_MS));
    return this.#answers;
  }
}

describe.skipIf(isImageMissing())('the service port', () => {
  test('writes what the simulator writes into the memory', () => {
    const storage = new Uint8Array(1_024).fill(0xff);
    const port = new ServicePort(storage);
    const key = Buffer.from(KEY).toString('hex');
    for (const words of [
      `key ${key}`,
      `serial ${SETTINGS.serial}`,
      'address 17',
      'buttons 2',
      'points 3',
      'heartbeat 30',
      'baud 115200',
    ]) {
      expect(port.ask(`set ${words}`)).toMatch(/^\+/);
    }
    expect(port.ask('save')).toMatch(/^\+saved/);
    expect(fields(storage, COPIES_AT.port)).toEqual(fields(storageOf(), COPIES_AT.simulator));
  });

  test(
    'whose power fails at any byte of a save leaves the former settings',
    () => {
      const addresses: number[] = [];
      const cut = new Set<number>();
      for (let bytes = 1; bytes <= 2 * COPY_BYTES; bytes++) {
        const storage = storageOf({}, 4);
        const port = new ServicePort(storage, bytes);
        const { node } = port;
        expect(port.ask('set address 18')).toMatch(/^\+/);
        const { eeprom } = node.chip;
        const [before, endMs] = [eeprom.begun, port.say('save') + SAVE_MS];
        while (eeprom.begun < before + bytes && node.nowMs < endMs) node.runUntil(node.nowMs + 0.5);
        if (eeprom.programming === undefined) {
          // It was saved before so many bytes were written.
          expect(addressOf(storage)).toBe(18);
          break;
        }
        cut.add(eeprom.programming);
        node.switchOff();
        addresses.push(addressOf(storage));
      }
      expect(cut.size).toBe(COPY_BYTES);
      expect([...new Set(addresses)]).toEqual([17]);
    },
    TIMEOUT_MS,
  );
});

/** The address under which a node with this memory starts. */
function addressOf(storage: Uint8Array): number {
  const rig = new NodeRig(machine(storage));
  rig.machine.switchOn();
  rig.run(800);
  const parsed = parseFrame(Buffer.from(rig.frames[0]?.wire ?? '', 'hex').subarray(1, -1));
  return parsed.ok ? parsed.frame.header.address : 0;
}
