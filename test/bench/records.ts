import { nodeAesCcm } from '../../device-sim/nodes/node-aes-ccm.ts';
import { openFrame, parseFrame } from '../../protocol/button-bus/frame.ts';
import { FrameScanner } from '../../protocol/button-bus/frame-scanner.ts';
import type { DownMessage } from '../../protocol/button-bus/message.ts';
import { parseEnvelope } from '../../protocol/dc09/message.ts';

const HEADER_BYTES = 16;
const CR = 0x0d;

/** A report as it reached the receiver. Times are monotonic ms. */
export interface Arrival {
  readonly id: string;
  readonly sequence: number;
  readonly firstByteMs: number;
}

export interface WallAnswer {
  readonly id: string;
  readonly status: Extract<DownMessage, { readonly type: 'ack' }>['status'];
  readonly atMs: number;
}

export interface RigRecords {
  /**
   * When each press of the schedule was written, by its place there. A press that the line did not
   * take within a second is missing.
   */
  readonly pressedMs: ReadonlyMap<number, number>;
  /** In the order in which their first bytes arrived. */
  readonly arrivals: readonly Arrival[];
  readonly answers: readonly WallAnswer[];
  /** When the link to the receiver changed. */
  readonly links: readonly { readonly state: string; readonly atMs: number }[];
  /** Frames with a wrong CRC, length or form. */
  readonly badFrames: number;
}

type KeyOf = (line: number, address: number) => Uint8Array | undefined;

/** Reads what native/rig.c stored, and opens and judges it as a receiver and the nodes would. */
export function readRecords(bytes: Buffer, keyOf: KeyOf): RigRecords {
  const pressedMs = new Map<number, number>();
  const links: { state: string; atMs: number }[] = [];
  const receiver = new ReceiverRecords();
  const walls = new WallRecords(keyOf);
  for (let at = 0; at + HEADER_BYTES <= bytes.length; ) {
    const kind = String.fromCharCode(bytes[at] ?? 0);
    const where = bytes.readUInt16LE(at + 2);
    const end = at + HEADER_BYTES + bytes.readUInt32LE(at + 4);
    const atMs = Number(bytes.readBigUInt64LE(at + 8)) / 1e6;
    const content = bytes.subarray(at + HEADER_BYTES, end);
    if (kind === 'P') pressedMs.set(content.readUInt32LE(), atMs);
    else if (kind === 'S') receiver.bytes(where, content, atMs);
    else if (kind === 'W') walls.bytes(where, content, atMs);
    else if (kind === 'L') links.push({ state: content.toString('latin1'), atMs });
    at = end;
  }
  const arrivals = receiver.arrivals.toSorted((a, b) => a.firstByteMs - b.firstByteMs);
  return { pressedMs, arrivals, answers: walls.answers, links, badFrames: receiver.badFrames };
}

/** Cuts what came over each connection into DC-09 frames. */
class ReceiverRecords {
  readonly arrivals: Arrival[] = [];
  badFrames = 0;
  readonly #begun = new Map<number, { readonly bytes: Buffer; readonly firstByteMs: number }>();

  bytes(connection: number, chunk: Buffer, atMs: number): void {
    let rest = chunk;
    for (let cr = rest.indexOf(CR); cr >= 0; cr = rest.indexOf(CR)) {
      const begun = this.#begun.get(connection);
      const head = rest.subarray(0, cr + 1);
      const frame = begun === undefined ? head : Buffer.concat([begun.bytes, head]);
      this.#begun.delete(connection);
      this.#frame(frame, begun?.firstByteMs ?? atMs);
      rest = rest.subarray(cr + 1);
    }
    if (rest.length === 0) return;
    const begun = this.#begun.get(connection);
    this.#begun.set(connection, {
      bytes: begun === undefined ? rest : Buffer.concat([begun.bytes, rest]),
      firstByteMs: begun?.firstByteMs ?? atMs,
    });
  }

  #frame(frame: Buffer, firstByteMs: number): void {
    const envelope = parseEnvelope(frame);
    if (typeof envelope === 'string' || !envelope.lengthMatches) {
      this.badFrames += 1;
      return;
    }
    const id = /\(([\w.-]+)\)\^/.exec(envelope.rest)?.[1];
    if (id !== undefined) this.arrivals.push({ id, sequence: envelope.sequence, firstByteMs });
  }
}

/** Opens the answers to the walls. */
class WallRecords {
  readonly answers: WallAnswer[] = [];
  readonly #keyOf: KeyOf;
  readonly #scanners = new Map<number, FrameScanner>();

  constructor(keyOf: KeyOf) {
    this.#keyOf = keyOf;
  }

  bytes(line: number, chunk: Buffer, atMs: number): void {
    const scanner = this.#scanners.get(line) ?? new FrameScanner();
    this.#scanners.set(line, scanner);
    scanner.push(
      chunk,
      (body) => this.#answer(line, body, atMs),
      () => undefined,
    );
  }

  #answer(line: number, body: Uint8Array, atMs: number): void {
    const parsed = parseFrame(body);
    if (!parsed.ok) return;
    const { address } = parsed.frame.header;
    const key = this.#keyOf(line, address);
    const message = key && openFrame(nodeAesCcm, key, parsed.frame);
    if (message?.type !== 'ack') return;
    const { nodeEpoch, counter, status } = message;
    this.answers.push({ id: `p${line}a${address}.${nodeEpoch}.${counter}`, status, atMs });
  }
}
