import type { GatewaySettings } from '../../../gateway/config/settings.ts';
import type { Site } from '../../../gateway/core/site.ts';
import { farEndOf } from '../far-ends/far-end-of.ts';
import type { Life, LifeEvent } from '../life/life-shape.ts';
import { loadSettings } from '../life/load-settings.ts';
import type { Observation, Observer } from '../observation.ts';
import { Streams } from '../streams.ts';
import { wireOf } from '../wires/wire-of.ts';
import { WorldClock } from '../world-clock.ts';
import { GatewayProcess } from './gateway-process.ts';
import type { DiskPace } from './journal-thread.ts';
import { Operators } from './operators.ts';
import { PageCacheDisk } from './page-cache-disk.ts';
import type { PathEnd } from './path-end.ts';
import { takeUp } from './take-up.ts';
import type { Wire } from './wire.ts';

const WELL: DiskPace = { leastMs: 0.5, mostMs: 6, isStuck: false };
const SLOW: DiskPace = { leastMs: 50, mostMs: 3_500, isStuck: false };
/** The gateway is up after this long at the latest once the storm is over. */
const RESTART_MS = 3_000;

/**
 * Carries a life out: devices, wires, the gateway, its disk and the far ends, on simulated time.
 * The same life gives the same history.
 */
export class World {
  readonly clock = new WorldClock();
  readonly life: Life;
  readonly settings: readonly GatewaySettings[];
  readonly wires = new Map<string, Wire>();
  readonly paths = new Map<string, PathEnd>();
  readonly #observers: Observer[] = [];
  readonly #streams: Streams;
  readonly #disk: PageCacheDisk;
  readonly #pace: DiskPace = { ...WELL };
  readonly #broker = { isUp: true };
  readonly #operators: Operators;
  #site = 0;
  #runs = 0;
  #gateway: GatewayProcess | undefined;
  readonly #startMs: number;

  constructor(life: Life) {
    this.life = life;
    this.#startMs = this.clock.nowMs;
    this.#streams = new Streams(life.seed);
    this.settings = life.sites.map(loadSettings);
    this.#disk = new PageCacheDisk(this.#streams.of('disk'));
    const observe = (observation: Observation) => this.observe(observation);
    const deps = {
      clock: this.clock,
      streams: this.#streams,
      observe,
      toGateway: (deliver: () => void) => this.#gateway?.whenRunning(deliver),
    };
    for (const { id } of unique(this.settings.flatMap(({ inputs }) => inputs))) {
      this.wires.set(id, wireOf(id, this.settings, deps));
    }
    for (const settings of unique(this.settings.flatMap(({ paths }) => paths))) {
      const random = this.#streams.of(`path ${settings.id}`);
      this.paths.set(settings.id, farEndOf(settings, { clock: this.clock, random, observe }));
    }
    this.#operators = new Operators(
      (input) => this.#gateway?.take(input),
      () => this.clock.now.wallMs,
    );
    this.#observers.push(this.#operators);
  }

  get gateway(): GatewayProcess | undefined {
    return this.#gateway?.isOver === true ? undefined : this.#gateway;
  }

  /** The site that the gateway runs on, or will start with. */
  get site(): Site {
    return (this.settings[this.#site] as GatewaySettings).site;
  }

  watch(observer: Observer): void {
    this.#observers.push(observer);
  }

  observe(observation: Observation): void {
    for (const observer of this.#observers) observer.see(observation, this.clock.nowMs - this.#startMs);
  }

  /** Lives the whole life. */
  run(): void {
    const { events, stormMs, clearMs } = this.life;
    for (const wire of this.wires.values()) wire.powerUp();
    this.#boot();
    const inOrder = [...events].sort((one, other) => one.atMs - other.atMs);
    for (const event of inOrder)
      this.clock.at(this.#startMs + Math.min(event.atMs, stormMs), () => this.#happens(event));
    this.clock.runUntil(this.#startMs + stormMs);
    this.#clearUp();
    this.clock.runUntil(this.#startMs + stormMs + clearMs);
  }

  #boot(): void {
    if (this.gateway !== undefined) return;
    this.#runs += 1;
    const settings = this.settings[this.#site] as GatewaySettings;
    this.#gateway = new GatewayProcess(settings, this.#runs, {
      clock: this.clock,
      random: this.#streams.of('gateway'),
      disk: this.#disk,
      pace: this.#pace,
      wires: this.wires,
      paths: this.paths,
      broker: this.#broker,
      observe: (observation) => this.observe(observation),
    });
  }

  #happens(event: LifeEvent): void {
    this.observe({ type: 'event', event });
    switch (event.do) {
      case 'press':
      case 'point':
      case 'tamper':
      case 'battery':
      case 'wire':
      case 'reboot':
      case 'dies':
      case 'clash':
        for (const wire of this.wires.values()) if (wire.has(event.device)) wire.event(event);
        break;
      case 'attack':
      case 'weather':
        this.wires.get(event.input)?.event(event);
        break;
      case 'kill':
        this.gateway?.endAfter(event.afterEffects, () => this.#end(event.how, event.downMs));
        break;
      case 'stall':
        this.gateway?.stall(event.forMs);
        break;
      case 'disk':
        this.#disturbDisk(event.mood, event.forMs);
        break;
      case 'clock':
        this.clock.wallOffsetMs += event.byMs;
        break;
      case 'unsynchronised':
        this.gateway?.take({ type: 'clock', isSynchronised: false });
        this.#later(event.forMs, () => this.gateway?.take({ type: 'clock', isSynchronised: true }));
        break;
      case 'broker':
        this.#broker.isUp = false;
        this.gateway?.take({ type: 'brokerHealth', state: 'down', detail: 'no answer' });
        this.#later(event.forMs, () => {
          this.#broker.isUp = true;
          this.gateway?.take({ type: 'brokerHealth', state: 'up', detail: 'answers' });
        });
        break;
      case 'unplug':
        this.#unplug(event.input, event.forMs);
        break;
      case 'mood':
        this.paths.get(event.path)?.behave(event.mood);
        this.#later(event.forMs, () => this.paths.get(event.path)?.behave('well'));
        break;
      case 'partition':
        for (const path of event.paths) this.paths.get(path)?.cutOff(true);
        this.#later(event.forMs, () => {
          for (const path of event.paths) this.paths.get(path)?.cutOff(false);
        });
        break;
      case 'amnesia':
        this.paths.get(event.path)?.forget();
        break;
      case 'reload':
        this.#reload(event.site);
        break;
      default:
        this.#operators.act(event);
    }
  }

  #reload(place: number): void {
    const [gateway, next] = [this.gateway, this.settings[place]];
    if (gateway === undefined || next === undefined || gateway.isStalled) return;
    const why = takeUp(gateway, next, this);
    if (why === undefined) this.#site = place;
    else this.observe({ type: 'reloadRefused', why });
  }

  #later(forMs: number, then: () => void): void {
    this.clock.after(forMs, then);
  }

  #end(how: 'kill' | 'powerCut' | 'stop', downMs: number): void {
    const gateway = this.gateway;
    if (gateway === undefined) return;
    if (how === 'stop') gateway.stop();
    else gateway.kill();
    if (how === 'powerCut') this.#disk.powerCut();
    else this.#disk.processEnded();
    this.observe({ type: 'down', how });
    this.#later(downMs, () => this.#boot());
  }

  #disturbDisk(mood: 'slow' | 'full' | 'failing' | 'stuck', forMs: number): void {
    const directories = (this.settings[this.#site] as GatewaySettings).journal.directories;
    const [first = ''] = directories;
    if (mood === 'slow') Object.assign(this.#pace, SLOW);
    else if (mood === 'stuck') this.#pace.isStuck = true;
    else this.#disk.setMood(first, mood);
    this.#later(forMs, () => {
      if (mood === 'slow') Object.assign(this.#pace, { ...WELL, isStuck: this.#pace.isStuck });
      else if (mood === 'stuck') this.#pace.isStuck = false;
      else this.#disk.setMood(first, 'well');
    });
  }

  #unplug(input: string, forMs: number): void {
    const wire = this.wires.get(input);
    const gateway = this.gateway;
    if (wire === undefined || gateway === undefined) return;
    wire.close();
    gateway.take({ type: 'inputHealth', health: { input, state: 'down', detail: 'port unplugged' } });
    this.#later(forMs, () => {
      // A gateway that has started since has found it plugged or not by itself.
      if (this.gateway === gateway) gateway.openWire(wire);
    });
  }

  /** From now on nothing goes wrong. */
  #clearUp(): void {
    Object.assign(this.#pace, WELL);
    this.#broker.isUp = true;
    for (const directory of this.settings.flatMap(({ journal }) => journal.directories))
      this.#disk.setMood(directory, 'well');
    for (const path of this.paths.values()) {
      path.behave('well');
      path.cutOff(false);
    }
    this.clock.after(RESTART_MS, () => {
      this.#boot();
      this.gateway?.take({ type: 'brokerHealth', state: 'up', detail: 'answers' });
      this.gateway?.take({ type: 'clock', isSynchronised: true });
    });
    this.observe({ type: 'clear' });
  }
}

function unique<T extends { readonly id: string }>(all: readonly T[]): T[] {
  return [...new Map(all.map((each) => [each.id, each])).values()];
}
