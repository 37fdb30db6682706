import * as emulator from 'avr8js';
import { describe, expect, test } from 'vitest';
import { MachineNode } from '../../device-sim/firmware/machine-node.ts';
import { NANO, PRO_MINI } from '../../device-sim/firmware/node-pins.ts';
import { nodeAesCcm } from '../../device-sim/nodes/node-aes-ccm.ts';
import type { Led } from '../../device-sim/nodes/press-watch.ts';
import type { NodeInput, NodeStep, WallNodeSettings } from '../../device-sim/nodes/wall-node.ts';
import { seededRandom } from '../../device-sim/random.ts';
import { openFrame, parseFrame, sealFrame } from '../../protocol/button-bus/frame.ts';
import type { UpMessage } from '../../protocol/button-bus/message.ts';
import { image, isImageMissing, KEY } from './image.ts';
import { SESSION } from './node-rig.ts';

const NODE: WallNodeSettings = { id: 'wb-1', address: 17, key: KEY, epoch: 5, buttons: 2, points: 1 };

/** A node on the simulator's line, in simulated time, and a gateway that accepts each press. */
class Wall {
  readonly messages: { readonly atMs: number; readonly message: UpMessage }[] = [];
  readonly leds = new Set<Led>();
  readonly #node: MachineNode;
  #nowMs = 0;
  #wakeMs = 0;
  #counter = 0;

  constructor(changes: Partial<WallNodeSettings> = {}, baudRate = 115_200, board = NANO) {
    const settings = { ...NODE, ...changes };
    const random = seededRandom(1);
    this.#node = new MachineNode(settings, { emulator, board, flash: image(board), random, baudRate });
    this.give({ type: 'start' });
    this.run(1_500);
  }

  get presses() {
    const presses = this.messages.flatMap(({ atMs, message }) =>
      message.type === 'press' ? [{ atMs, button: message.button, pattern: message.pattern }] : [],
    );
    return presses.filter(
      ({ button, pattern }, at) => button !== presses[at - 1]?.button || pattern !== presses[at - 1]?.pattern,
    );
  }

  give(input: NodeInput): void {
    this.#took(this.#node.step(input, this.#nowMs));
  }

  run(ms: number): void {
    const endMs = this.#nowMs + ms;
    while (this.#wakeMs < endMs) {
      this.#nowMs = Math.max(this.#nowMs, this.#wakeMs);
      this.give({ type: 'tick' });
    }
    this.#nowMs = endMs;
    this.give({ type: 'tick' });
  }

  #took({ frames, wakeMs }: NodeStep): void {
    this.#wakeMs = Math.max(wakeMs, this.#nowMs + 0.1);
    this.leds.add(this.#node.led);
    for (const wire of frames) this.#heard(wire);
  }

  #heard(wire: Uint8Array): void {
    const parsed = parseFrame(wire.subarray(1, -1));
    if (!parsed.ok) throw new Error(`the node sent a frame that is ${parsed.fault}`);
    const message = openFrame(nodeAesCcm, KEY, parsed.frame) as UpMessage;
    this.messages.push({ atMs: this.#nowMs, message });
    const { address, epoch, counter } = parsed.frame.header;
    this.#counter += 1;
    const status = message.type === 'press' ? 'accepted' : 'heard';
    const header = { address, epoch: SESSION, counter: this.#counter };
    const answer = sealFrame(nodeAesCcm, KEY, header, { type: 'ack', nodeEpoch: epoch, counter, status });
    this.#wakeMs = this.#node.hear(answer, this.#nowMs).wakeMs;
  }
}

describe.skipIf(isImageMissing())('a node of npm start -- --firmware', () => {
  test('holds a button that is pressed long until the chip takes it as long, however soon it is let go', () => {
    const wall = new Wall({ longPress: [1] });
    wall.give({ type: 'press', button: 1, pattern: 'long' });
    wall.run(300);
    wall.give({ type: 'release', button: 1 });
    wall.run(1_500);
    expect(wall.presses).toEqual([]);
    wall.run(1_500);
    expect(wall.presses).toMatchObject([{ button: 1, pattern: 'long' }]);
    const [release] = wall.messages.flatMap(({ message }) => (message.type === 'release' ? message : []));
    expect(release).toMatchObject({ button: 1 });
    expect(release?.heldMs).toBeGreaterThanOrEqual(2_000);
    expect(release?.heldMs).toBeLessThan(2_200);
  });

  test('tells a short press of such a button when it is let go, and a long one of any other at once', () => {
    const wall = new Wall({ longPress: [1] });
    wall.give({ type: 'press', button: 1, pattern: 'single' });
    wall.run(300);
    expect(wall.presses).toEqual([]);
    wall.give({ type: 'release', button: 1 });
    wall.run(300);
    wall.give({ type: 'press', button: 0, pattern: 'long' });
    wall.run(300);
    expect(wall.presses).toMatchObject([
      { button: 1, pattern: 'single' },
      { button: 0, pattern: 'single' },
    ]);
  });

  test('that is pressed again while it is still held is held for that press', () => {
    const wall = new Wall({ longPress: [0] });
    for (let times = 0; times < 3; times++) {
      wall.give({ type: 'press', button: 0, pattern: 'long' });
      wall.run(100);
      wall.give({ type: 'release', button: 0 });
      wall.run(900);
    }
    wall.run(3_000);
    expect(wall.presses).toMatchObject([{ pattern: 'long' }]);
    expect(wall.messages.filter(({ message }) => message.type === 'release')).toHaveLength(1);
  });

  test('shows the answer to a press, but nothing at all for a silent button', () => {
    const pressed = (silent: number[]) => {
      const wall = new Wall({ silent });
      wall.leds.clear();
      wall.give({ type: 'press', button: 0, pattern: 'single' });
      wall.run(1_500);
      expect(wall.presses).toHaveLength(1);
      return [...wall.leds];
    };
    expect(pressed([1])).toContain('green');
    expect(pressed([0])).toEqual(['off']);
  });

  test('says which points and cover are open, and which are not', () => {
    const wall = new Wall();
    const last = () => wall.messages.flatMap(({ message }) => (message.type === 'heartbeat' ? message : [])).at(-1);
    expect(last()).toMatchObject({ points: [false], tamper: false, lowBattery: false });
    wall.give({ type: 'point', point: 0, active: true });
    wall.give({ type: 'tamper', active: true });
    wall.run(500);
    expect(last()).toMatchObject({ points: [true], tamper: true });
    expect(wall.messages.find(({ message }) => message.type === 'point')?.message).toMatchObject({ active: true });
  });

  test('says within a minute that its battery is low', () => {
    const wall = new Wall();
    wall.give({ type: 'power', batteryMv: 2_100, lowBattery: true });
    wall.run(61_000);
    const beats = wall.messages.flatMap(({ message }) => (message.type === 'heartbeat' ? message : []));
    expect(beats.at(-1)).toMatchObject({ lowBattery: true });
    expect(beats.at(-1)?.batteryMv).toBeGreaterThan(2_000);
    expect(beats.at(-1)?.batteryMv).toBeLessThan(2_200);
  });

  test.each([
    ...NANO.baudRates.map((baudRate) => ({ board: NANO, name: NANO.name, baudRate })),
    ...PRO_MINI.baudRates.map((baudRate) => ({ board: PRO_MINI, name: PRO_MINI.name, baudRate })),
  ])('hears and is heard: $name at $baudRate Bd', ({ board, baudRate }) => {
    const wall = new Wall({}, baudRate, board);
    expect(wall.messages.filter(({ message }) => message.type === 'hello')).toHaveLength(1);
    wall.give({ type: 'press', button: 0, pattern: 'single' });
    wall.run(2_000);
    expect(wall.presses).toHaveLength(1);
    expect([...wall.leds]).toContain('green');
  });

  test.each([
    ['buttons', { buttons: 5 }, 115_200, NANO, /wb-1 has 5 buttons: the board of the firmware has 4/],
    ['points', { points: 4 }, 115_200, NANO, /wb-1 has 4 points: the board of the firmware has 3/],
    ['a rate', {}, 230_400, NANO, /230400 Bd: the board of the firmware can do 9600, 19200, 38400, 57600, 115200$/],
    ['a rate of the slower board', {}, 115_200, PRO_MINI, /115200 Bd: .* can do 9600, 19200, 38400, 57600$/],
    [
      'a heartbeat',
      { heartbeatMs: 4_000 },
      115_200,
      NANO,
      /heartbeatSeconds: 4: the firmware can do whole seconds, 5 to 3600/,
    ],
    ['a heartbeat', { heartbeatMs: 30_500 }, 115_200, NANO, /heartbeatSeconds: 30.5: the firmware/],
  ] as const)('with %s that the board has not is refused', (_, changes, baudRate, board, message) => {
    expect(() => new Wall(changes, baudRate, board)).toThrow(message);
  });
});
