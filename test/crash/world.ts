import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type AlertWatch, watchAlerts } from '../../device-sim/demo/alert-watch.ts';
import { freePort } from '../../device-sim/demo/free-port.ts';
import { BusLine } from '../../device-sim/nodes/bus-line.ts';
import { type Random, randomBelow, seededRandom } from '../../device-sim/random.ts';
import { type Receiver, startReceiver } from '../../device-sim/receiver/receiver.ts';
import { epochNow, readSite } from '../../device-sim/site/site-file.ts';
import { TerminalPlug } from '../../device-sim/site/terminal-plug.ts';
import { type SmallSite, smallSite } from '../integration/support/small-site.ts';
import { endOwnGateways } from '../rig/gateway-under-test.ts';
import { Ledger } from './ledger.ts';

const NODES = 12;
const DRILL_NODE = `wb-${100 + NODES}`;
const HELD_MS = 60;
const HEARTBEAT_S = 3;
/** A note of an update that was returned, which no person has seen. */
const RETURNED = {
  ...{ id: 'u-1', version: '0.0.9', from: 'packaged', to: 'a', result: 'returned', at: '2026-01-01T00:00:00.000Z' },
  ...{ reasons: ['a test'], notes: [] },
};

/**
 * What is outside the gateway, and lives on when it dies: wall nodes on a pseudo-terminal, a
 * receiver, a console on MQTT, and the ledger of what each of them has.
 */
export class World {
  readonly site: SmallSite;
  readonly releases: string;
  readonly receiver: Receiver;
  readonly line: BusLine;
  readonly ledger = new Ledger(DRILL_NODE);
  readonly console: AlertWatch;
  readonly nodes: readonly string[];
  /** A drill runs; `undefined`: nobody knows. */
  isDrill: boolean | undefined = false;
  readonly #active = new Map<string, boolean>();
  readonly #plug: TerminalPlug;
  readonly #releasing = new Set<NodeJS.Timeout>();
  #edition = 0;

  private constructor(site: SmallSite, receiver: Receiver, seed: number) {
    this.site = site;
    this.receiver = receiver;
    this.releases = join(site.directory, 'releases');
    mkdirSync(this.releases);
    writeFileSync(join(this.releases, 'last-update'), JSON.stringify(RETURNED));
    const [line] = readSite(site.file, epochNow()).lines;
    if (line === undefined) throw new Error('the site has no line');
    this.nodes = line.nodes.map(({ settings }) => settings.id);
    this.line = new BusLine({ nodes: line.nodes.map(({ settings }) => settings), seed });
    this.#plug = new TerminalPlug(line.port, this.line);
    this.line.onLed((node, led) => this.ledger.lamp(node, led));
    receiver.on((notice) => {
      if (notice.type === 'event') this.ledger.received(notice.event);
    });
    this.console = watchAlerts(site.mqttPort, 'gw-test', 'console', site.mqttPassword);
    this.console.onAlert((alert) => this.ledger.published(alert));
  }

  static async start(seed: number): Promise<World> {
    const receiverPort = await freePort();
    const site = await smallSite({
      ...{ receiverPort, rooms: NODES, heartbeatSeconds: HEARTBEAT_S, host: 'localhost' },
      path: '    supervision: { intervalSeconds: 5, upAfter: 1 }',
    });
    const receiver = await startReceiver({ port: receiverPort, accounts: readSite(site.file, 1).accounts });
    return new World(site, receiver, seed);
  }

  /**
   * Somebody presses a button. No node has two presses on their way, so that its lamp tells of one.
   */
  press(random: Random): void {
    const free = this.nodes.filter((node) => {
      const newest = this.ledger.newest(node);
      return newest === undefined || newest.isCut || newest.told.has('green');
    });
    const node = free[randomBelow(random, Math.max(1, free.length))];
    if (node === undefined) return;
    const button = random() < 0.8 ? 0 : 1;
    const identity = this.line.press(node, button);
    if (identity === undefined) return;
    this.ledger.pressed(node, `${node}.${identity.epoch}.${identity.counter}`);
    const release = setTimeout(() => {
      this.#releasing.delete(release);
      this.line.release(node, button);
    }, HELD_MS);
    this.#releasing.add(release);
  }

  door(random: Random): void {
    const node = this.#anyone(random);
    const point = randomBelow(random, 2);
    const active = !this.isActive(node, point);
    this.#active.set(`${node} ${point}`, active);
    this.line.setPoint(node, point, active);
  }

  isActive(node: string, point: number): boolean {
    return this.#active.get(`${node} ${point}`) ?? false;
  }

  /** The power of some nodes is cut. What they were promised stays. */
  cutNodes(random: Random, share: number): void {
    for (const node of this.nodes) {
      if (random() >= share) continue;
      this.ledger.cut(node);
      for (const { epoch, counter } of this.line.restart(node))
        this.ledger.pressed(node, `${node}.${epoch}.${counter}`);
    }
  }

  /** Changes the configuration, so that a reload has something to take up. */
  changeSite(): void {
    this.#edition += 1;
    const text = readFileSync(this.site.file, 'utf8');
    const seconds = 5 + (this.#edition % 2);
    const changed = text
      .replace(/intervalSeconds: \d+/, `intervalSeconds: ${seconds}`)
      .replace(/baudRate: \d+/, `baudRate: ${this.#edition % 4 < 2 ? 57_600 : 115_200}`);
    writeFileSync(this.site.file, changed);
  }

  /** The next start has to read everything, and to write what it keeps. */
  forgetKept(): void {
    for (const file of ['addresses.json']) rmSync(join(this.site.data, file), { force: true });
    this.changeSite();
  }

  /** Ends at once what was started on it. */
  abandon(): void {
    endOwnGateways(this.site.file);
    this.#plug.stop();
    this.site.remove();
  }

  async stop(): Promise<void> {
    for (const timer of this.#releasing) clearTimeout(timer);
    await this.console.close();
    this.line.stop();
    this.#plug.stop();
    await this.receiver.close();
    this.site.remove();
  }

  /** @param runs as the gateway has answered; `undefined`: nobody knows */
  knowsDrill(runs: boolean | undefined): void {
    this.isDrill = runs;
  }

  get drillScope(): string {
    return `device:${DRILL_NODE}`;
  }

  #anyone(random: Random): string {
    return this.nodes[randomBelow(random, this.nodes.length)] ?? '';
  }
}

export function randomOf(seed: number, ...more: readonly number[]): Random {
  return seededRandom(more.reduce((sum, each) => (sum * 1_000_003 + each) >>> 0, seed));
}
