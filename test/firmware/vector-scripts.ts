import { execFileSync } from 'node:child_process';
import { type BoardKind, NANO } from '../../device-sim/firmware/node-pins.ts';
import type { MachineSettings } from '../../device-sim/firmware/node-storage.ts';
import { nodeAesCcm } from '../../device-sim/nodes/node-aes-ccm.ts';
import { openFrame, parseFrame, sealFrame } from '../../protocol/button-bus/frame.ts';
import type { DownMessage, UpMessage } from '../../protocol/button-bus/message.ts';
import { readVectors } from '../vectors/button-bus-vector-file.ts';
import type { SentFrame, Step } from './emulators.ts';
import { imageFile, KEY, SETTINGS } from './image.ts';
import { SIXTEEN_BUTTONS, SIXTEEN_POINTS } from './test-boards.ts';

/** The epoch of the vectors' node. */
export const EPOCH = 5;
/** Before the session of the vectors. */
const EARLIER_SESSION = 1_767_225_000;
/** Bytes of `struct node` (node_state.h) on an AVR, before these fields. */
const COUNTER_AT = 6;
const UPTIME_AT = 22;

export const VECTORS = readVectors();

function wireOf(name: string): string {
  const vector = VECTORS.find((each) => each.name === name);
  if (vector === undefined) throw new Error(`no vector ${name}`);
  return vector.value('wire');
}

/** What a node sent, which must be authentic. */
export function opened({ wire }: SentFrame): UpMessage & { readonly epoch: number; readonly counter: number } {
  const parsed = parseFrame(Buffer.from(wire.slice(2, -2), 'hex'));
  if (!parsed.ok) throw new Error(`the node sent a frame that is ${parsed.fault}`);
  const message = openFrame(nodeAesCcm, KEY, parsed.frame) as UpMessage | undefined;
  if (message === undefined) throw new Error('the node sent a frame with a wrong tag');
  const { epoch, counter } = parsed.frame.header;
  return { ...message, epoch, counter };
}

/** How a board comes to send a vector. */
interface SentVector {
  readonly board: BoardKind;
  readonly settings: Partial<MachineSettings>;
  readonly epoch: number;
  script(): readonly Step[];
}

/** The gateway of one script. Its frames must be made in the order in which they are sent. */
export class Told {
  readonly #address: number;
  readonly #epoch: number;
  #counter = 0;

  constructor(address = SETTINGS.address, epoch = EPOCH) {
    this.#address = address;
    this.#epoch = epoch;
  }

  #frame(message: DownMessage): string {
    this.#counter += 1;
    const header = { address: this.#address, epoch: EARLIER_SESSION, counter: this.#counter };
    return Buffer.from(sealFrame(nodeAesCcm, KEY, header, message)).toString('hex');
  }

  ack(atMs: number, counter: number, status: 'heard' | 'accepted' = 'heard'): Step {
    return [atMs, 'hear', this.#frame({ type: 'ack', nodeEpoch: this.#epoch, counter, status })];
  }

  poll(atMs: number): Step {
    return [atMs, 'hear', this.#frame({ type: 'poll', nodeEpoch: this.#epoch })];
  }
}

/** The node begins half a second after its start, with a hello and 50 ms later a heartbeat. */
const BOTH_SENT_MS = 700;
const POLL_EVERY_MS = 40;

/** Each poll costs a counter. All that was sent is acknowledged. Over at `countedMs(counter)`. */
export function countTo(counter: number, told = new Told()): Step[] {
  return [
    told.ack(BOTH_SENT_MS - 10, 1),
    told.ack(BOTH_SENT_MS, 2),
    ...Array.from({ length: counter - 2 }, (_, at) => told.poll(BOTH_SENT_MS + (at + 1) * POLL_EVERY_MS)),
    told.ack(countedMs(counter) - POLL_EVERY_MS / 2, counter),
  ];
}

export const countedMs = (counter: number) => BOTH_SENT_MS + counter * POLL_EVERY_MS;

/** What nobody waits for: 4 billion frames, or 136 years. The number is put into the RAM. */
function put(board: BoardKind, atMs: number, offset: number, value: number): Step[] {
  const symbols = execFileSync('avr-nm', [imageFile(board, 'elf')], { encoding: 'utf8' });
  const [, address = ''] = /^00(8\w+) \w node(?:\.\S+)?$/m.exec(symbols) ?? [];
  if (address === '') throw new Error(`${board.name}: the image has no variable "node"`);
  const first = (Number.parseInt(address, 16) & 0xffff) + offset;
  return [0, 8, 16, 24].map((shift, at) => [atMs, 'ram', first + at, (value >>> shift) & 0xff] as const);
}

const AS_USUAL = { board: NANO, settings: { buttons: NANO.buttons.length }, epoch: EPOCH };

/** A script for each vector that a node can send. */
export const SENT: Readonly<Record<string, SentVector>> = {
  'press-single': { ...AS_USUAL, script: () => [...countTo(41), [2_500, 'button', 3, true]] },
  'press-long': {
    ...AS_USUAL,
    board: SIXTEEN_BUTTONS,
    settings: { buttons: 16, longPress: 0x8000 },
    script: () => [...countTo(42), [2_500, 'button', 15, true], [4_510, 'button', 15, false]],
  },
  'press-first-ever': {
    ...AS_USUAL,
    epoch: 1,
    script: () => [
      [0, 'button', 0, true],
      [600, 'cover', true],
    ],
  },
  release: {
    ...AS_USUAL,
    script: () => [...countTo(41), [2_500, 'button', 3, true], [3_734, 'button', 3, false]],
  },
  'release-saturated': {
    ...AS_USUAL,
    // No heartbeat takes a counter while the button is held.
    settings: { heartbeatSeconds: 3_600 },
    script: () => {
      const told = new Told();
      const counted = countTo(41, told);
      return [...counted, [2_500, 'button', 0, true], told.ack(2_550, 42, 'accepted'), [657_900, 'button', 0, false]];
    },
  },
  'point-active': {
    ...AS_USUAL,
    board: SIXTEEN_POINTS,
    settings: { buttons: 0, points: 16 },
    script: () => [...countTo(42), [2_500, 'point', 15, true]],
  },
  'point-normal': {
    ...AS_USUAL,
    script: () => [...countTo(41), [2_500, 'point', 0, true], [2_600, 'point', 0, false]],
  },
  'heartbeat-battery': {
    ...AS_USUAL,
    settings: { lowBatteryMv: 3_000 },
    script: () => {
      const told = new Told();
      return [
        [0, 'point', 0, true],
        [0, 'point', 2, true],
        [0, 'battery', 2_983],
        ...countTo(41, told),
        // In the midst of a second of the node.
        told.poll(3_850),
        told.ack(3_880, 42),
        ...put(NANO, 3_900, UPTIME_AT, 86_461),
        [3_910, 'hear', wireOf('silent-on')],
      ];
    },
  },
  'heartbeat-mains': {
    ...AS_USUAL,
    board: SIXTEEN_POINTS,
    settings: { address: 254, buttons: 1, points: 16 },
    epoch: 0x0100_00ff,
    script: () => {
      const told = new Told(254, 0x0100_00ff);
      return [
        // A closed button holds the node back from a restart before its counter is at its end.
        ...([0, 15] as const).map((point) => [0, 'point', point, true] as const),
        [0, 'button', 0, true],
        [0, 'cover', false],
        [0, 'battery', 4_642],
        [0, 'supply', 23_925],
        told.ack(BOTH_SENT_MS, 1, 'accepted'),
        told.ack(BOTH_SENT_MS + 20, 2),
        told.ack(BOTH_SENT_MS + 60, 3),
        ...put(SIXTEEN_POINTS, 1_000, COUNTER_AT, 0xffff_fffe),
        ...put(SIXTEEN_POINTS, 1_000, UPTIME_AT, 0xffff_ffff),
        told.poll(1_010),
      ];
    },
  },
  hello: {
    ...AS_USUAL,
    board: SIXTEEN_BUTTONS,
    settings: { buttons: 2, points: 3 },
    script: () => {
      const told = new Told();
      return [
        told.ack(BOTH_SENT_MS, 2),
        // Between two repeats of the hello 40 counters pass: it is sealed anew, with the next one.
        ...Array.from({ length: 40 }, (_, at) => told.poll(3_550 + at * 30)),
        told.ack(4_780, 42),
        [5_900, 'cover', true],
      ];
    },
  },
};

/** Vectors that no node of this firmware sends, and why. The host's core seals them. */
export const SEALED_BY_THE_HOST: Readonly<Record<string, string>> = {
  'press-extended': 'bytes behind the known fields: only a later minor version appends some',
  'press-longest': 'bytes behind the known fields: only a later minor version appends some',
  'heartbeat-no-points': 'reserved flags are set, and a board measures its battery or its supply, not both',
};
