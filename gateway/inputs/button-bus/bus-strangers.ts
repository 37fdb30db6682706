import type { AesCcm } from '../../../protocol/button-bus/aes-ccm.ts';
import { openFrame, type ParsedFrame, parseFrame } from '../../../protocol/button-bus/frame.ts';
import type { UpMessage } from '../../../protocol/button-bus/message.ts';
import { LONG_AGO_MS, type MonoMs } from '../../../protocol/clocks.ts';
import type { NodeStranger } from '../../../protocol/discovery-document.ts';
import { isoTime } from '../../../protocol/wall-time.ts';
import { wallTimeOf } from '../../system/clock.ts';
import type { HeardStrangers } from '../input-driver.ts';
import { KeptAesCcm } from './kept-aes-ccm.ts';
import type { ButtonBusNode } from './settings.ts';

/**
 * Keys that are tried for one question, of all strangers together: it is asked each second, on the
 * thread of the alert path, and a try that fails costs tens of microseconds.
 */
const TRIES_MAX = 64;

/** A body between two delimiters is not longer (hardware/button-bus.md, section 2). */
const BODY_BYTES = 62;

interface HeardNode {
  readonly firstMs: MonoMs;
  lastMs: MonoMs;
  movedMs: MonoMs;
  movement: string;
  frames: number;
  serial: string | undefined;
  /** Known keys that were tried in vain, in their order. */
  triedKeys: number;
  opener: string | undefined;
  /** The last frame, whole: keys are tried on it when somebody asks. */
  readonly body: Uint8Array;
  bodyLength: number;
  /**
   * Of the newest movement: a node repeats all that is not answered, and nobody answers a stranger.
   */
  movedEpoch: number;
  movedCounter: number;
}

/** Frames that come from a person's hand. */
const MOVEMENTS: ReadonlyMap<UpMessage['type'], string> = new Map([
  ['press', 'a button was pressed'],
  ['point', 'a contact moved'],
]);

/**
 * Nodes on one line whose frames prove nothing: at an address that is not enrolled, or with a key
 * that does not fit. There are 254 addresses, so the memory is bounded; for a frame nothing is
 * allocated but for an address that is new.
 */
export class BusStrangers {
  readonly #input: string;
  readonly #ccm: AesCcm;
  /** Every node whose key is at hand. */
  #known: readonly ButtonBusNode[];
  readonly #byAddress: (HeardNode | undefined)[] = [];

  constructor(input: string, known: readonly ButtonBusNode[], ccm: AesCcm = new KeptAesCcm()) {
    this.#input = input;
    this.#known = known;
    this.#ccm = ccm;
  }

  /** Nodes and keys have changed: what was tried before says nothing. */
  knownNow(known: readonly ButtonBusNode[]): void {
    this.#known = known;
    for (const node of this.#byAddress) {
      if (node === undefined) continue;
      node.triedKeys = 0;
      node.opener = undefined;
    }
  }

  /** @param body as it came between the delimiters; it is lent for the call */
  heard(frame: ParsedFrame, body: Uint8Array, says: UpMessage['type'], nowMs: MonoMs, serial?: string): void {
    const { address, epoch, counter } = frame.header;
    const node = this.#byAddress[address] ?? this.#add(address, nowMs);
    node.lastMs = nowMs;
    node.frames += 1;
    // Another node may have taken the address, or this one another key.
    if (serial !== undefined) {
      node.serial = serial;
      node.triedKeys = 0;
      node.opener = undefined;
    }
    node.bodyLength = Math.min(body.length, BODY_BYTES);
    node.body.set(body.subarray(0, node.bodyLength));
    const movement = MOVEMENTS.get(says);
    const isNewer = epoch > node.movedEpoch || (epoch === node.movedEpoch && counter > node.movedCounter);
    if (movement === undefined || !isNewer) return;
    node.movedMs = nowMs;
    node.movement = movement;
    node.movedEpoch = epoch;
    node.movedCounter = counter;
  }

  /** The key of the device that has this address opens it. */
  isProven(frame: ParsedFrame): boolean {
    const key = this.#known.find(({ address }) => address === frame.header.address)?.key;
    return key !== undefined && openFrame(this.#ccm, key, frame) !== undefined;
  }

  strangers(): HeardStrangers {
    let triesLeft = TRIES_MAX;
    for (const node of this.#byAddress) if (node !== undefined) triesLeft -= this.#tryKeys(node, triesLeft);
    const strangers = this.#byAddress.flatMap((node, address) =>
      node === undefined ? [] : this.#shown(address, node),
    );
    return { strangers, leftOut: 0 };
  }

  #add(address: number, nowMs: MonoMs): HeardNode {
    const node: HeardNode = {
      firstMs: nowMs,
      lastMs: nowMs,
      movedMs: LONG_AGO_MS,
      movement: '',
      frames: 0,
      serial: undefined,
      triedKeys: 0,
      opener: undefined,
      body: new Uint8Array(BODY_BYTES),
      bodyLength: 0,
      movedEpoch: -1,
      movedCounter: -1,
    };
    this.#byAddress[address] = node;
    return node;
  }

  #shown(address: number, node: HeardNode): NodeStranger[] {
    const { firstMs, lastMs, movedMs, movement, frames, serial, opener, triedKeys } = node;
    const claims = this.#known.find((each) => each.address === address)?.device;
    // It was enrolled since it was heard.
    if (claims !== undefined && opener === claims) return [];
    const shown: NodeStranger = {
      kind: 'node',
      input: this.#input,
      address,
      first_heard_at: isoTime(wallTimeOf(firstMs)),
      last_heard_at: isoTime(wallTimeOf(lastMs)),
      ...(movement === '' ? {} : { moved_at: isoTime(wallTimeOf(movedMs)), movement }),
      messages: frames,
      ...(serial === undefined ? {} : { serial }),
      ...(claims === undefined ? {} : { claims }),
      ...(opener === undefined ? {} : { opened_by_key_of: opener }),
      ...(opener === undefined && triedKeys < this.#known.length ? { keys_left_to_try: true } : {}),
    };
    return [shown];
  }

  /** @returns how many keys were tried */
  #tryKeys(node: HeardNode, triesMax: number): number {
    if (node.opener !== undefined || triesMax <= 0) return 0;
    const parsed = parseFrame(node.body.subarray(0, node.bodyLength));
    if (!parsed.ok) return 0;
    const candidates = this.#known.slice(node.triedKeys, node.triedKeys + triesMax);
    let tries = 0;
    for (const { key, device } of candidates) {
      tries += 1;
      if (openFrame(this.#ccm, key, parsed.frame) !== undefined) {
        node.opener = device;
        return tries;
      }
      node.triedKeys += 1;
    }
    return tries;
  }
}
