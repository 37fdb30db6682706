import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { DrySite } from '../dry/write-dry-site.ts';
import { TreeWatch } from '../mqtt/tree-watch.ts';
import { type FarEnds, startFarEnds } from '../site/far-ends.ts';
import { epochNow, readSite, type SimulatedSite } from '../site/site-file.ts';
import { SiteSimulator } from '../site/site-simulator.ts';
import type { GatewayNeeds } from '../site/wire.ts';
import { GatewayRun } from './gateway-run.ts';
import type { History } from './history.ts';

export const OPERATOR = 'scenario';

export function newPassword(): string {
  return randomBytes(18).toString('base64url');
}

/** Where the site's files are. */
export type SchoolPlace = Pick<DrySite, 'file' | 'directory' | 'needsCertificates' | 'tls'>;

/** The gateway of a school: the run's own, or one that runs already. */
export type SchoolGateway = Omit<Pick<GatewayRun, keyof GatewayRun>, 'isOurs'> & {
  /** False if somebody else has started it, who also ends it. */
  readonly isOurs: boolean;
};

interface SchoolOptions {
  readonly dry: SchoolPlace;
  readonly username: string;
  /** A gateway that runs already. Default: the run's own. */
  readonly running?: SchoolGateway;
  readonly password: string;
  readonly seed: number;
  readonly history: History;
  /** What the gateway's process needs besides. */
  readonly needs: GatewayNeeds;
}

const READY_WITHIN_MS = 90_000;
/** A line that is cut or jammed lets nothing through. */
const SETTLED_WITHIN_MS = 3_000;
/** On wires where nothing harmless can be said. */
const QUIET_MS = 500;
const LOOK_MS = 25;

/** A simulated site with a real gateway in a process of its own, and a console at its broker. */
export class School {
  readonly site: SimulatedSite;
  readonly simulator: SiteSimulator;
  readonly ends: FarEnds;
  readonly gateway: SchoolGateway;
  readonly watch: TreeWatch;
  readonly history: History;
  readonly dry: SchoolPlace;

  /** Of the broker. */
  readonly port: number;

  private constructor(options: SchoolOptions, site: SimulatedSite, ends: FarEnds, simulator: SiteSimulator) {
    const { dry, password, history } = options;
    this.dry = dry;
    this.site = site;
    this.ends = ends;
    this.simulator = simulator;
    this.history = history;
    const needs = bothNeeds(simulator.gatewayNeeds, options.needs);
    this.gateway =
      options.running ??
      new GatewayRun({ directory: dry.directory, needs }, (how) => {
        history.add({ type: 'note', text: `the gateway’s process ended ${how}` });
      });
    this.port = brokerPort(site);
    this.watch = new TreeWatch(
      { port: this.port, gateway: gatewayName(dry.file), username: options.username, password },
      (topic, document) => history.add({ type: 'mqtt', topic, document }),
    );
    for (const end of ends.all) {
      end.on((shown) => {
        if (shown.type === 'displayed') history.add({ type: 'shown', path: end.path, displayed: shown.displayed });
        else if (shown.type === 'remark') history.add({ type: 'note', text: `${end.path}: ${shown.text}` });
      });
    }
    simulator.onLed((device, led) => history.add({ type: 'led', device, led }));
  }

  /** Starts everything but the gateway. */
  static async open(options: SchoolOptions): Promise<School> {
    const { dry, seed } = options;
    const site = readSite(dry.file, epochNow());
    const ends = await startFarEnds(site, dry.tls === undefined ? {} : { tls: dry.tls });
    try {
      const simulator = new SiteSimulator(site, seed);
      await simulator.ready();
      return new School(options, site, ends, simulator);
    } catch (error) {
      await ends.close();
      throw error;
    }
  }

  /** Starts the gateway. Resolves with what is still missing if it does not get ready in time. */
  async start(tell: (missing: readonly string[]) => void, stopped: AbortSignal): Promise<string | undefined> {
    if (this.gateway.isOurs) this.gateway.start();
    const untilMs = performance.now() + READY_WITHIN_MS;
    for (;;) {
      const missing = this.missing();
      if (missing.length === 0) return undefined;
      if (!this.gateway.isRunning) return `the gateway ended before it was ready:\n${this.gateway.lastLines}`;
      stopped.throwIfAborted();
      if (performance.now() > untilMs) return `the gateway was not ready: ${missing.join(', ')}`;
      tell(missing);
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    }
  }

  /**
   * Resolves when a gateway that was started again answers.
   * @throws RangeError if it ends, or does not answer in time
   */
  async answers(): Promise<void> {
    const untilMs = performance.now() + READY_WITHIN_MS;
    this.watch.latest.clear();
    while (this.watch.latest.get('status')?.state !== 'ready') {
      if (!this.gateway.isRunning) throw new RangeError(`the gateway ended:\n${this.gateway.lastLines}`);
      if (performance.now() > untilMs) throw new RangeError('the gateway does not answer');
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    }
  }

  /**
   * Resolves when the gateway has read what was sent so far: on each wire one more thing is said,
   * and awaited. Where nothing can be said, it waits a little.
   */
  async settle(): Promise<void> {
    if (!this.gateway.isRunning) return;
    const untilMs = performance.now() + SETTLED_WITHIN_MS;
    const marks = this.simulator.mark();
    const isRead = () =>
      marks.every(({ device, field, value }) => this.watch.latest.get(`dev/${device}/state`)?.[field] === value);
    while (!isRead() && performance.now() < untilMs) await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    const inputs = this.site.lines.length + this.site.inputs.length;
    if (marks.length < inputs) await new Promise((resolve) => setTimeout(resolve, QUIET_MS));
  }

  /** What is not well yet, by topic: the gateway, inputs, paths, devices. */
  missing(): readonly string[] {
    const { latest } = this.watch;
    const is = (topic: string, field: string, states: readonly string[]) =>
      states.includes(String(latest.get(topic)?.[field])) ? [] : [topic];
    const inputs = [...this.site.lines.map((line) => line.input), ...this.site.inputs.map(({ id }) => id)];
    const played = new Set(this.ends.all.map(({ path }) => path));
    return [
      ...is('status', 'state', ['ready']),
      ...inputs.flatMap((id) => is(`input/${id}/status`, 'state', ['up'])),
      ...[...played].flatMap((id) => is(`link/${id}/status`, 'state', ['up'])),
      ...this.simulator.devices.flatMap((id) => is(`dev/${id}/state`, 'supervised', ['ok', 'unsupervised'])),
    ];
  }

  async close(): Promise<void> {
    await this.watch.close();
    if (this.gateway.isOurs && this.gateway.isRunning) await this.gateway.stop();
    this.simulator.stop();
    await this.ends.close();
  }
}

function bothNeeds(one: GatewayNeeds, other: GatewayNeeds): GatewayNeeds {
  return {
    nodeArguments: [...one.nodeArguments, ...other.nodeArguments],
    environment: { ...one.environment, ...other.environment },
  };
}

export function brokerPort({ broker }: SimulatedSite): number {
  return Number(new URL(broker.url).port);
}

export function gatewayName(file: string): string {
  const [, name = ''] = /^gateway:\s*["']?([^"'\s#]+)/m.exec(readFileSync(file, 'utf8')) ?? [];
  return name;
}
