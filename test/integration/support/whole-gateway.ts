import { readFileSync, writeFileSync } from 'node:fs';
import pino from 'pino';
import { freePort } from '../../../device-sim/demo/free-port.ts';
import { type Receiver, type ReceiverOptions, startReceiver } from '../../../device-sim/receiver/receiver.ts';
import { type FarEnds, startFarEnds } from '../../../device-sim/site/far-ends.ts';
import { epochNow, readSite, type SimulatedSite } from '../../../device-sim/site/site-file.ts';
import { SiteSimulator } from '../../../device-sim/site/site-simulator.ts';
import { acceptedSettings } from '../../../gateway/config/accepted-settings.ts';
import { readSite as readSettings } from '../../../gateway/config/load.ts';
import { askGateway } from '../../../gateway/control/ask-gateway.ts';
import {
  type EdgeMakers,
  type GatewayOptions,
  type RunningGateway,
  realEdges,
  startGateway,
} from '../../../gateway/gateway.ts';
import { Configuration } from '../../../gateway/reload/configuration.ts';
import type { ReloadDocument } from '../../../protocol/reload-document.ts';
import { MqttWatch } from './mqtt-watch.ts';
import { type SmallSite, type SmallSiteOptions, smallSite } from './small-site.ts';
import { Waiting } from './waiting.ts';

interface WholeOptions extends Omit<SmallSiteOptions, 'receiverPort'> {
  readonly receiver?: Partial<ReceiverOptions>;
  /** True if the path leads to another receiver than ours. */
  readonly receiverPort?: number;
  readonly edges?: Partial<EdgeMakers>;
  readonly gateway?: GatewayOptions;
  /** Differences of the wall from the configuration. */
  readonly wall?: (site: SimulatedSite) => SimulatedSite;
  /** Further paths whose far ends are ours to play; default: all. */
  readonly played?: readonly string[];
  /** How far ends of further paths behave before the gateway starts, by path id. */
  readonly manners?: Readonly<Record<string, string>>;
  /** What those on TLS prove themselves by. */
  readonly tls?: { readonly certificate: string; readonly key: string };
  /** It can reload its configuration: `WholeGateway.reload`. */
  readonly reloads?: boolean;
  /** Before anything starts. */
  readonly prepare?: (site: SmallSite) => void;
}

interface World {
  readonly receiver: Receiver;
  readonly ends: FarEnds;
}

interface LogLine {
  readonly level: number;
  readonly event: string;
  /** The alert's id in lines about one. */
  readonly alert?: string;
  readonly detail?: string;
}

/**
 * A gateway with everything real around it: wall nodes on a pseudo-terminal, the journal on the
 * disk, the embedded broker with a client, and a DC-09 receiver on TCP with the site's accounts.
 */
export class WholeGateway {
  readonly site: SmallSite;
  readonly receiver: Receiver;
  /** Of the further paths. A test makes one misbehave as a tester does, by `sim behave`. */
  readonly ends: FarEnds;
  readonly simulator: SiteSimulator;
  readonly mqtt: MqttWatch;
  readonly log: LogLine[] = [];
  readonly #options: WholeOptions;
  readonly #leds = new Waiting();
  readonly #inputsPassword = 'of the inputs';
  #gateway: RunningGateway | undefined;

  private constructor(site: SmallSite, world: World, simulator: SiteSimulator, options: WholeOptions) {
    this.site = site;
    this.receiver = world.receiver;
    this.ends = world.ends;
    this.simulator = simulator;
    this.#options = options;
    this.mqtt = new MqttWatch(site.mqttPort, site.mqttPassword);
    simulator.onLed(() => this.#leds.check());
  }

  static async start(options: WholeOptions = {}): Promise<WholeGateway> {
    const ownPort = await freePort();
    const site = await smallSite({ ...options, receiverPort: options.receiverPort ?? ownPort });
    options.prepare?.(site);
    const far = readSite(site.file, epochNow());
    const receiver = await startReceiver({ port: ownPort, accounts: far.accounts, ...options.receiver });
    const { paths = [], tls, manners = {} } = options;
    const played = options.played ?? paths.map(({ id }) => id);
    const ends = await startFarEnds(far, { paths: played, ...(tls && { tls }) });
    for (const [path, how] of Object.entries(manners)) await ends.of(path).behave(how);
    const simulator = new SiteSimulator(options.wall?.(far) ?? far, 1);
    const whole = new WholeGateway(site, { receiver, ends }, simulator, options);
    await whole.#run();
    return whole;
  }

  /** The gateway is stopped, and started again with what its journal holds. */
  async restart(): Promise<void> {
    await this.#gateway?.stop();
    await this.#run();
  }

  async #run(): Promise<void> {
    const write = (line: string) => void this.log.push(JSON.parse(line) as LogLine);
    const logger = pino({ base: null, messageKey: 'event' }, { write });
    const { file, data } = this.site;
    const read = async () => readSettings(file, data, { inputsPassword: this.#inputsPassword });
    const configuration = new Configuration(file, { read, changed: () => undefined });
    const reloads = this.#options.reloads === true ? { configuration, dataDirectory: data } : {};
    const settings = acceptedSettings(await configuration.read());
    const edges = { ...realEdges, ...this.#options.edges };
    this.#gateway = await startGateway(settings, logger, edges, { ...this.#options.gateway, ...reloads });
  }

  /** Changes `site.yaml` and reloads it, as `callpoint reload` does. */
  async reload(change: (text: string) => string = (text) => text, dryRun = false): Promise<ReloadDocument> {
    const { file, data } = this.site;
    writeFileSync(file, change(readFileSync(file, 'utf8')));
    const { document, text } = await askGateway(data, { command: 'reload', dry_run: dryRun, by: 'test' }, 30_000);
    if (document === undefined || !('reasons' in document)) throw new Error(text);
    return document;
  }

  /** Resolves when the path works and the wall is heard. */
  async ready(): Promise<this> {
    await this.mqtt.path('central', 'up');
    await this.mqtt.until('dev/wb-101/state', (device: { supervised: string }) => device.supervised === 'ok');
    return this;
  }

  /** Presses a button, by default the medical one. Returns the alert's id. */
  press(device: string, button = 'button-2'): string {
    const pressed = this.simulator.press(device, button, 'single');
    if (pressed?.alert === undefined) throw new Error(`${device} takes no more presses`);
    this.simulator.release(device, button);
    return pressed.alert;
  }

  led(device: string, led: string): Promise<void> {
    const shown = () => this.simulator.led(device);
    return this.#leds.until(`${device} LED ${led}`, () => shown() === led, shown);
  }

  /** Returns how often the receiver's operator saw the report. */
  displayed(id: string): number {
    return this.receiver.displayed.filter((event) => event.reportId === id).length;
  }

  /** What the log says to the administrator about troubles, in order. */
  get details(): string[] {
    return this.log.flatMap(({ event, detail }) => (event.startsWith('trouble') ? (detail ?? []) : []));
  }

  /** Returns the troubles that the operator saw, in order. */
  get troublesDisplayed(): string[] {
    return this.receiver.displayed.flatMap(({ code, text }) => (isTrouble(code) ? [`${code} ${text}`] : []));
  }

  async stop(): Promise<void> {
    await this.#gateway?.stop();
    await this.mqtt.close();
    this.simulator.stop();
    await this.receiver.close();
    await this.ends.close();
    this.site.remove();
  }
}

/** Events of the site's kinds end in A. A test event is RP. */
function isTrouble(code: string): boolean {
  return !['HA', 'MA', 'HH', 'MH', 'RP'].includes(code);
}
