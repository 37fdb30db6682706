import type { Identity, WallStatus } from '../../../gateway/core/signal.ts';
import { DownCounters } from '../../../gateway/inputs/button-bus/down-counters.ts';
import { LineReader } from '../../../gateway/inputs/button-bus/line-reader.ts';
import type { ButtonBusNode, ButtonBusSettings } from '../../../gateway/inputs/button-bus/settings.ts';
import { parseFrame, sealFrame } from '../../../protocol/button-bus/frame.ts';
import { FrameScanner } from '../../../protocol/button-bus/frame-scanner.ts';
import { ANY_NODE_EPOCH, type DownMessage } from '../../../protocol/button-bus/message.ts';
import type { NodeInput } from '../../nodes/wall-node.ts';
import type { GatewayEnd, Wire, WireEvent } from '../world/wire.ts';
import { Air, type AirDeps } from './air.ts';
import { BusNode } from './bus-node.ts';
import { forgedFrame } from './forged-frame.ts';

/** Answers are gathered for this long (gateway/inputs/button-bus/answer-outbox.ts). */
const GATHER_MS = 10;
const POLL_GAP_MS = 111;
/** Frames that a recorder on the line has, for replays. */
const RECORDED_MAX = 64;

interface BusWireDeps extends AirDeps {
  readonly heartbeatMs: (device: string) => number;
  /** Address and key of every device that this line has in any of the sites. */
  readonly nodes: readonly ButtonBusNode[];
}

/** A serial line of wall nodes, and the reader of the gateway's driver at its end. */
export class BusWire implements Wire {
  readonly id: string;
  readonly #deps: BusWireDeps;
  readonly #air: Air;
  readonly #nodes = new Map<string, BusNode>();
  /** A second node at the address of one of them. */
  readonly #clashing = new Map<string, BusNode>();
  readonly #recorded: Uint8Array[] = [];
  #gateway: GatewayEnd | undefined;
  #reader: LineReader | undefined;
  #counters = new DownCounters(() => true);
  #enrolled: ReadonlyMap<string, ButtonBusNode> = new Map();

  constructor(id: string, deps: BusWireDeps) {
    this.id = id;
    this.#deps = deps;
    this.#air = new Air(deps);
    for (const node of deps.nodes) this.#nodes.set(node.device, this.#made(node, node.device));
  }

  has(device: string): boolean {
    return this.#nodes.has(device);
  }

  powerUp(): void {
    for (const node of this.#nodes.values()) node.step({ type: 'start' });
  }

  open(gateway: GatewayEnd): void {
    const settings = gateway.settings as ButtonBusSettings;
    // No key may seal two frames with the same numbers: drivers of one session share the counters.
    if (gateway.session !== this.#gateway?.session) this.#counters = new DownCounters(() => true);
    this.#gateway = gateway;
    this.#reader = new LineReader(this.id, gateway.sink, this.#deps.clock.nowMs);
    this.#reader.setNodes(settings.nodes);
    this.#enrolled = new Map(settings.nodes.map((node) => [node.device, node]));
    gateway.sink.health({ input: this.id, state: 'up', detail: 'open' });
    this.#poll(gateway, 0);
  }

  /** As gateway/inputs/button-bus/driver.ts does it. */
  #poll(gateway: GatewayEnd, index: number): void {
    const node = (gateway.settings as ButtonBusSettings).nodes[index];
    if (node === undefined || this.#gateway !== gateway || this.#reader === undefined) return;
    const answersWalls = gateway.answersWalls();
    if (answersWalls) this.#down(node.device, { type: 'poll', nodeEpoch: ANY_NODE_EPOCH });
    this.#deps.clock.after(POLL_GAP_MS, () => this.#poll(gateway, answersWalls ? index + 1 : index));
  }

  close(): void {
    this.#reader = undefined;
  }

  event(event: WireEvent): void {
    if (event.do === 'weather') this.#air.change(event);
    else if (event.do === 'attack') this.#attack(event.how);
    else {
      const node = this.#nodes.get(event.device);
      if (node !== undefined) this.#ofNode(node, event);
    }
  }

  #ofNode(node: BusNode, event: Exclude<WireEvent, { do: 'weather' | 'attack' }>): void {
    switch (event.do) {
      case 'press':
        node.press(event.button, event.pattern === 'long' ? 'long' : 'single', event.heldMs);
        break;
      case 'point':
        node.step({ type: 'point', point: event.point, active: event.active });
        break;
      case 'tamper':
        node.step({ type: 'tamper', active: true });
        this.#deps.clock.after(event.forMs, () => node.step({ type: 'tamper', active: false }));
        break;
      case 'battery':
        node.step({ type: 'power', batteryMv: 2_200, lowBattery: true });
        this.#deps.clock.after(event.forMs, () => node.step({ type: 'power', batteryMv: 3_000, lowBattery: false }));
        break;
      case 'reboot':
        node.reboot(event.keepsCounter);
        break;
      case 'dies':
        node.die(event.forMs);
        break;
      case 'clash':
        this.#clash(node, event.sameKey, event.forMs);
        break;
    }
  }

  answer(device: string, identity: Identity, status: WallStatus): void {
    this.#down(device, { type: 'ack', nodeEpoch: identity.epoch, counter: identity.counter, status });
  }

  silence(device: string, identity: Identity, silent: boolean): void {
    this.#down(device, { type: 'silent', nodeEpoch: identity.epoch, silent });
  }

  #made(node: ButtonBusNode, stream: string): BusNode {
    const { clock, observe, streams } = this.#deps;
    const { heartbeatMs } = this.#deps;
    return new BusNode(node, {
      clock,
      observe,
      random: streams.of(`node ${this.id} ${stream}`),
      heartbeatMs: heartbeatMs(node.device),
      send: (frame) => this.#up(frame),
    });
  }

  /** A second node at the same address begins to speak, and is found and taken away later. */
  #clash(node: BusNode, sameKey: boolean, forMs: number): void {
    const { device, address, key } = node.settings;
    if (this.#clashing.has(device)) return;
    const name = sameKey ? device : `${device}?`;
    const other = { device: name, address, key: sameKey ? key : key.map((byte) => byte ^ 0x5a) };
    // Presses of the second one have the numbers of the first.
    if (sameKey) this.#deps.observe({ type: 'numbersLost', device });
    const second = this.#made(other, `${device} clash ${this.#deps.clock.nowMs}`);
    this.#clashing.set(device, second);
    second.step({ type: 'start' });
    second.press(0, 'single', 0);
    this.#deps.clock.after(forMs, () => {
      second.die(Number.POSITIVE_INFINITY);
      this.#clashing.delete(device);
    });
  }

  #attack(how: 'replay' | 'forge' | 'cut' | 'flip' | 'noise'): void {
    const random = this.#deps.streams.of(`attacker ${this.id}`);
    const bytes = forgedFrame(how, this.#recorded, this.#deps.nodes, random);
    if (bytes !== undefined) this.#deliver(bytes);
  }

  #up(frame: Uint8Array): void {
    if (this.#recorded.length < RECORDED_MAX) this.#recorded.push(frame);
    this.#air.carry(frame, (bytes) => this.#deliver(bytes));
  }

  #deliver(bytes: Uint8Array): void {
    this.#deps.toGateway(() => this.#reader?.bytes(bytes, this.#deps.clock.nowMs));
  }

  #down(device: string, message: DownMessage): void {
    const [gateway, reader, node] = [this.#gateway, this.#reader, this.#enrolled.get(device)];
    if (gateway === undefined || reader === undefined || node === undefined) return;
    this.#deps.clock.after(GATHER_MS, () => {
      if (this.#reader !== reader) return;
      const counter = this.#counters.of(node.key);
      counter.last += 1;
      const header = { address: node.address, epoch: gateway.session, counter: counter.last };
      const wire = sealFrame(reader.ccm, node.key, header, message);
      this.#air.carry(wire, (bytes) => this.#toNodes(node.address, bytes));
    });
  }

  #toNodes(address: number, bytes: Uint8Array): void {
    new FrameScanner().push(
      bytes,
      (body) => {
        const parsed = parseFrame(body);
        if (!parsed.ok) return;
        const input: NodeInput = { type: 'frame', frame: parsed.frame };
        for (const node of [...this.#nodes.values(), ...this.#clashing.values()])
          if (node.settings.address === address) node.step(input);
      },
      () => undefined,
    );
  }
}
