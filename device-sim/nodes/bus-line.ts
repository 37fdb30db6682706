import { type ParsedFrame, parseFrame } from '../../protocol/button-bus/frame.ts';
import { FrameScanner } from '../../protocol/button-bus/frame-scanner.ts';
import type { ByteDuplex } from '../byte-duplex.ts';
import { type Random, seededRandom } from '../random.ts';
import { damageDown, damageUp, type LineFaults, NO_FAULTS } from './line-faults.ts';
import type { LineNode, MakeNode } from './line-node.ts';
import { LinePacer } from './line-pacer.ts';
import { nodeAesCcm } from './node-aes-ccm.ts';
import type { Led } from './press-watch.ts';
import { realTime, type Scheduler } from './scheduler.ts';
import { type Identity, type NodeInput, type NodeStep, WallNode, type WallNodeSettings } from './wall-node.ts';

interface BusLineSettings {
  readonly nodes: readonly WallNodeSettings[];
  /** The same seed gives the same jitter and the same faults. */
  readonly seed: number;
  readonly scheduler?: Scheduler;
  /** Default: the simulated nodes. They have no rate of their own. */
  readonly makeNode?: MakeNode;
  /** Default: 115200. */
  readonly baudRate?: number;
}

const USUAL_BAUD_RATE = 115_200;
/** Number of frames of each node that a replay sends again. */
const SENT_MAX = 64;

type LedListener = (nodeId: string, led: Led) => void;
/** @param isUp to the gateway */
type FrameListener = (frame: ParsedFrame, isUp: boolean) => void;

interface Member {
  readonly node: LineNode;
  led: Led;
  callOff: (() => void) | undefined;
  /** Buttons that a person holds. */
  readonly held: Map<number, 'single' | 'long'>;
}

/**
 * Wall nodes on one serial line, in real time. The two directions do not disturb each other, as on
 * a four-wire line. Collisions between nodes are not modelled; `loseUp` stands for them.
 */
export class BusLine {
  readonly #scheduler: Scheduler;
  readonly #makeNode: MakeNode;
  readonly #baudRate: number;
  readonly #random: Random;
  readonly #members = new Map<string, Member>();
  readonly #byAddress = new Map<number, Set<Member>>();
  /** The last frames of each node, oldest first. */
  readonly #sent = new Map<string, Uint8Array[]>();
  readonly #ledListeners = new Set<LedListener>();
  readonly #up: LinePacer;
  readonly #down: LinePacer;
  #scanner = new FrameScanner();
  readonly #frameListeners = new Set<FrameListener>();
  #faults: LineFaults = NO_FAULTS;
  #duplex: ByteDuplex | undefined;
  #stopListening: (() => void) | undefined;
  #started = false;
  #stopped = false;

  constructor(settings: BusLineSettings) {
    this.#scheduler = settings.scheduler ?? realTime;
    this.#makeNode = settings.makeNode ?? ((one, random) => new WallNode(one, nodeAesCcm, random));
    this.#baudRate = settings.baudRate ?? USUAL_BAUD_RATE;
    this.#random = seededRandom(settings.seed);
    this.#up = new LinePacer(this.#scheduler, (bytes) => this.#duplex?.write(bytes));
    this.#down = new LinePacer(this.#scheduler, (bytes) => this.#scan(bytes));
    for (const nodeSettings of settings.nodes) this.#add(nodeSettings);
  }

  /** Wires another node to the line. It starts, unless the line has not started yet. */
  join(nodeSettings: BusLineSettings['nodes'][number]): void {
    const member = this.#add(nodeSettings);
    if (this.#started) this.#step(member, { type: 'start' });
  }

  /** Takes a node off the line. */
  leave(nodeId: string): void {
    const member = this.#member(nodeId);
    member.callOff?.();
    this.#members.delete(nodeId);
    const { address } = member.node.settings;
    this.#byAddress.get(address)?.delete(member);
  }

  /**
   * Plugs the line into this cable and unplugs it from its old one. The first call starts the
   * nodes.
   */
  attach(duplex: ByteDuplex): void {
    this.detach();
    this.#duplex = duplex;
    this.#scanner = new FrameScanner();
    this.#stopListening = duplex.onData((bytes) => {
      // A slow line keeps the bytes for longer than the caller does, so this copies them.
      if (!this.#faults.cut) this.#down.send(Uint8Array.from(bytes), this.#faults.baudRate);
    });
    if (this.#started) return;
    this.#started = true;
    for (const member of this.#members.values()) this.#step(member, { type: 'start' });
  }

  /** Unplugs the line. The nodes run on and send to nothing. */
  detach(): void {
    this.#stopListening?.();
    this.#stopListening = undefined;
    this.#duplex = undefined;
    this.#up.stop();
    this.#down.stop();
  }

  /**
   * Returns `undefined` if eight other presses wait. An older press of the same button then stands
   * for this one, or the node sends it when one of them has been acknowledged. A node that
   * `numbersLater` never returns one.
   * @throws RangeError if the node or the button is unknown.
   */
  press(nodeId: string, button: number, pattern: 'single' | 'long' = 'single'): Identity | undefined {
    const member = this.#member(nodeId);
    const pressed = this.#step(member, { type: 'press', button, pattern });
    member.held.set(button, pattern);
    return pressed;
  }

  release(nodeId: string, button: number): void {
    const member = this.#member(nodeId);
    member.held.delete(button);
    this.#step(member, { type: 'release', button });
  }

  setPoint(nodeId: string, point: number, active: boolean): void {
    this.#step(this.#member(nodeId), { type: 'point', point, active });
  }

  setTamper(nodeId: string, active: boolean): void {
    this.#step(this.#member(nodeId), { type: 'tamper', active });
  }

  setPower(nodeId: string, power: { batteryMv?: number; supplyMv?: number; lowBattery: boolean }): void {
    this.#step(this.#member(nodeId), { type: 'power', ...power });
  }

  /**
   * Cuts the node's power for a moment. Its boot epoch rises. A button that is held at the start
   * counts as pressed then (section 7.1 of the specification).
   *
   * @returns these presses
   */
  restart(nodeId: string): readonly Identity[] {
    const member = this.#member(nodeId);
    this.#step(member, { type: 'restart' });
    // A machine sees its contacts itself.
    if (member.node.numbersLater) return [];
    const held = [...member.held];
    return held.flatMap(([button, pattern]) => this.#step(member, { type: 'press', button, pattern }) ?? []);
  }

  /** Somebody on the line sends again what a node has sent. */
  replay(nodeId: string): void {
    for (const frame of this.#sent.get(nodeId) ?? []) this.#up.send(frame, this.#faults.baudRate);
  }

  /** Sets the given faults and leaves the others unchanged. */
  fault(faults: Partial<LineFaults>): void {
    this.#faults = { ...this.#faults, ...faults };
  }

  /** @throws RangeError if the node is unknown. */
  node(nodeId: string): LineNode {
    return this.#member(nodeId).node;
  }

  /** Returns a function that removes the listener. */
  onLed(listener: LedListener): () => void {
    this.#ledListeners.add(listener);
    return () => this.#ledListeners.delete(listener);
  }

  /** Calls back with each intact frame that a node sends or hears. */
  onFrame(listener: FrameListener): () => void {
    this.#frameListeners.add(listener);
    return () => this.#frameListeners.delete(listener);
  }

  /** Stops all timers and all writing for good. */
  stop(): void {
    this.#stopped = true;
    this.detach();
    for (const member of this.#members.values()) {
      member.callOff?.();
      member.callOff = undefined;
    }
  }

  #add(nodeSettings: BusLineSettings['nodes'][number]): Member {
    const node = this.#makeNode(nodeSettings, seededRandom(this.#random() * 0x1_0000_0000), this.#baudRate);
    const member: Member = { node, led: node.led, callOff: undefined, held: new Map() };
    this.#members.set(nodeSettings.id, member);
    const others = this.#byAddress.get(nodeSettings.address) ?? new Set();
    this.#byAddress.set(nodeSettings.address, others.add(member));
    return member;
  }

  #member(nodeId: string): Member {
    const member = this.#members.get(nodeId);
    if (member === undefined) throw new RangeError(`no node "${nodeId}" on this line`);
    return member;
  }

  #step(member: Member, input: NodeInput): Identity | undefined {
    if (this.#stopped) return undefined;
    const nowMs = this.#scheduler.nowMs();
    return this.#carryOut(member, member.node.step(input, nowMs), nowMs);
  }

  #carryOut(member: Member, { frames, wakeMs, pressed }: NodeStep, nowMs: number): Identity | undefined {
    member.callOff?.();
    member.callOff =
      wakeMs === Infinity
        ? undefined
        : // At least 1 ms: a timer that fires a hair early must not spin.
          this.#scheduler.after(Math.max(1, wakeMs - nowMs), () => this.#step(member, { type: 'tick' }));
    for (const frame of frames) {
      this.#keep(member, frame);
      this.#send(frame);
    }
    this.#tellLed(member);
    return pressed;
  }

  #keep({ node }: Member, frame: Uint8Array): void {
    const sent = this.#sent.get(node.settings.id) ?? [];
    if (sent.length === SENT_MAX) sent.shift();
    sent.push(frame);
    this.#sent.set(node.settings.id, sent);
  }

  #send(frame: Uint8Array): void {
    this.#tellFrames(frame);
    const bytes = damageUp(frame, this.#faults, this.#random);
    if (bytes !== undefined && this.#duplex !== undefined) this.#up.send(bytes, this.#faults.baudRate);
  }

  #scan(bytes: Uint8Array): void {
    this.#scanner.push(
      bytes,
      (body) => this.#hear(body),
      // A run that is too long for a frame is line noise. A node skips it.
      () => undefined,
    );
  }

  #hear(body: Uint8Array): void {
    const heard = damageDown(body, this.#faults, this.#random);
    if (heard === undefined || this.#stopped) return;
    const wire = Uint8Array.of(0, ...heard, 0);
    const nowMs = this.#scheduler.nowMs();
    for (const member of this.#members.values()) {
      const step = member.node.hear?.(wire, nowMs);
      if (step !== undefined) this.#carryOut(member, step, nowMs);
    }
    const result = parseFrame(heard);
    if (!result.ok) return;
    for (const listener of this.#frameListeners) listener(result.frame, false);
    for (const member of this.#byAddress.get(result.frame.header.address) ?? []) {
      if (member.node.hear === undefined) this.#step(member, { type: 'frame', frame: result.frame });
    }
  }

  #tellFrames(wire: Uint8Array): void {
    if (this.#frameListeners.size === 0) return;
    const scanner = new FrameScanner();
    scanner.push(
      wire,
      (body) => {
        const result = parseFrame(body);
        if (result.ok) for (const listener of this.#frameListeners) listener(result.frame, true);
      },
      () => undefined,
    );
  }

  #tellLed(member: Member): void {
    const led = member.node.led;
    if (led === member.led) return;
    member.led = led;
    for (const listener of this.#ledListeners) listener(member.node.settings.id, led);
  }
}
