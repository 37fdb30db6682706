import { nodeAesCcm } from '../../device-sim/nodes/node-aes-ccm.ts';
import { WallNode } from '../../device-sim/nodes/wall-node.ts';
import { type Random, seededRandom } from '../../device-sim/random.ts';
import { WorldClock } from '../../device-sim/swarm/world-clock.ts';
import { Core } from '../../gateway/core/core.ts';
import type { Effect } from '../../gateway/core/effect.ts';
import type { CoreInput } from '../../gateway/core/input.ts';
import type { JournalEntry, JournalRecord } from '../../gateway/core/journal-record.ts';
import type { Attempt } from '../../gateway/core/report.ts';
import type { Site } from '../../gateway/core/site.ts';
import { internalAnswers } from '../../gateway/internal-answers.ts';
import { parseFrame, sealFrame } from '../../protocol/button-bus/frame.ts';
import type { DownMessage } from '../../protocol/button-bus/message.ts';
import type { AlertDocument, DeviceDocument, PathDocument, Publication } from '../../protocol/mqtt-documents.ts';
import { frameBodies } from './frame-bodies.ts';
import { type Enrolled, heardInputs } from './heard-inputs.ts';
import type { MachineLines } from './machine-lines.ts';
import { SimulatedReceiver } from './receiver.ts';
import { SimulatedJournal } from './simulated-journal.ts';
import { FAIR, type Weather } from './weather.ts';

const ADDRESS_BASE = 10;
/** Seldom, and in every fourth history only, because each of them takes as long as a press. */
const INTERNAL_PRESS_MS = 30_000;
const WATCHED_EACH = 4;
/** The service manager would restart the gateway. */
const MADE_BY_DEFECTS: ReadonlySet<string> = new Set(['alarm.stranded', 'internalPress.notHandled']);

/**
 * A school on simulated time: real node firmware logic and real frames on a line that loses,
 * doubles and flips them, the real core, a journal with late durability that crashes cut short, and
 * receivers that misbehave. One seed gives one history.
 */
export class World {
  readonly clock = new WorldClock();
  readonly random: Random;
  readonly weather: Weather = { ...FAIR };
  readonly receivers = new Map<string, SimulatedReceiver>();
  /** Alert ids of the presses that a node accepted. */
  readonly pressed: string[] = [];
  readonly published = new Map<string, AlertDocument>();
  readonly publishedDevices = new Map<string, DeviceDocument>();
  readonly publishedPaths = new Map<string, PathDocument>();
  readonly troubles: { id: string; type: string; state: string; text: string; detail?: string }[] = [];
  readonly trace: string[] = [];
  crashes = 0;
  reloads = 0;
  /** Every frame that nodes have sent, for listeners on the line. */
  readonly recorded: Uint8Array[] = [];
  /** Every attempt in order; a poll appears as report `poll`. */
  readonly sends: { atMs: number; path: string; report: string; sequence: number; format: number }[] = [];
  /**
   * Reports and troubles that were made, and perhaps sent, but not durable when the gateway was
   * killed. Only the node's repeat brings such an alert back.
   */
  readonly undurable = new Set<string>();
  readonly journal: SimulatedJournal;
  core: Core | undefined;
  #site: Site;
  readonly #isWatched: boolean;
  readonly #nodes = new Map<string, WallNode>();
  readonly #machines: MachineLines | undefined;
  readonly #enrolled = new Map<number, Enrolled>();
  readonly #wake = new Map<string, number>();
  #run = 0;
  /** A reload that begins a path anew drops the attempts of its driver. */
  readonly #pathRuns = new Map<string, number>();
  #downCounter = 0;

  /** @param machines run the firmware in place of the nodes in TypeScript */
  constructor(site: Site, seed: number, machines?: MachineLines) {
    this.random = seededRandom(seed);
    this.journal = new SimulatedJournal(this.random);
    this.#site = site;
    this.#isWatched = seed % WATCHED_EACH === 0;
    let address = ADDRESS_BASE;
    for (const device of site.devices.values()) {
      const key = Uint8Array.from({ length: 16 }, () => Math.floor(this.random() * 256));
      const settings = { id: device.id, address, key, epoch: 1, buttons: 2, points: 3 };
      const nodeRandom = seededRandom(this.random() * 2 ** 32);
      if (machines === undefined) this.#nodes.set(device.id, new WallNode(settings, nodeAesCcm, nodeRandom));
      else machines.add(settings, nodeRandom);
      this.#enrolled.set(address, { device: device.id, key });
      address += 1;
    }
    this.#machines = machines;
    machines?.connect(this.clock, {
      frame: (wire) => {
        this.recorded.push(wire);
        this.#carry(wire, (bytes) => this.#heardByGateway(bytes));
      },
      pressed: (id) => this.pressed.push(id),
    });
    for (const path of site.paths) this.addReceiver(path.id);
  }

  addReceiver(path: string): void {
    this.receivers.set(path, new SimulatedReceiver(this.clock, this.random));
  }

  node(device: string): WallNode {
    const node = this.#nodes.get(device);
    if (node === undefined) throw new Error(`no node ${device}`);
    return node;
  }

  startNodes(): void {
    this.#machines?.start();
    for (const id of this.#nodes.keys()) this.stepNode(id, { type: 'start' });
  }

  /** `site` replaces the configuration. */
  startGateway(site = this.#site): void {
    this.#site = site;
    this.#run += 1;
    this.journal.forget();
    this.#startCore(this.journal.records);
  }

  /**
   * Takes a site up while the gateway runs.
   *
   * @param again the drivers of these inputs and paths start anew
   * @returns what is in the way; nothing has changed then
   */
  reload(next: Site, again: { readonly inputs?: readonly string[]; readonly paths?: readonly string[] } = {}) {
    const reopened = { inputs: new Set(again.inputs), paths: new Set(again.paths) };
    const obstacles = this.core?.obstacles(next, reopened) ?? [];
    if (this.core === undefined || obstacles.length > 0) return obstacles.map(({ text }) => text);
    const before = this.#site;
    this.#site = next;
    for (const { id } of next.paths) if (!this.receivers.has(id)) this.addReceiver(id);
    const same = (id: string) =>
      JSON.stringify(before.paths.find((path) => path.id === id)) ===
      JSON.stringify(next.paths.find((path) => path.id === id));
    for (const id of this.receivers.keys()) {
      if (!same(id) || reopened.paths.has(id)) this.#pathRuns.set(id, (this.#pathRuns.get(id) ?? 0) + 1);
    }
    this.give({ type: 'reload', site: next, reopened });
    for (const input of reopened.inputs)
      this.give({ type: 'inputHealth', health: { input, state: 'up', detail: 'open' } });
    return [];
  }

  /** The disk does not answer: the gateway starts without its journal. */
  startBlind(): void {
    this.#run += 1;
    this.#startCore([]);
  }

  #startCore(records: readonly JournalRecord[]): void {
    this.#downCounter = 0;
    this.core = new Core(this.#site, records, this.clock.now, { openMax: 4_096, fullMax: 0 });
    this.#perform(this.core.start(this.clock.now));
    this.give({ type: 'inputHealth', health: { input: 'bus-1', state: 'up', detail: 'open' } });
    if (this.#isWatched) this.give({ type: 'internalPresses', everyMs: INTERNAL_PRESS_MS });
  }

  /**
   * Acts like kill -9: records that are not durable are gone, except a prefix that the disk
   * happened to have.
   */
  crash(): void {
    this.crashes += 1;
    this.core = undefined;
    this.#run += 1;
    for (const record of this.journal.crash(this.weather.journalStuck)) {
      if (record.t === 'alert') this.undurable.add(record.id);
      if (record.t === 'report') this.undurable.add(record.report.id);
      if (record.t === 'trouble') this.undurable.add(record.id);
    }
    this.#note('crash');
  }

  /** Returns the alert's id; `undefined` if the queue is full. A machine numbers it later. */
  press(device: string, button: number, pattern: 'single' | 'long' = 'single'): string | undefined {
    if (this.#machines !== undefined) return this.#machines.press(device, button);
    const identity = this.stepNode(device, { type: 'press', button, pattern });
    if (identity === undefined) return;
    const id = `${device}.${identity.epoch}.${identity.counter}`;
    this.pressed.push(id);
    return id;
  }

  stepNode(device: string, input: Parameters<WallNode['step']>[0]) {
    const node = this.node(device);
    const { frames, wakeMs, pressed } = node.step(input, this.clock.nowMs);
    this.recorded.push(...frames);
    for (const frame of frames) this.#carry(frame, (bytes) => this.#heardByGateway(bytes));
    this.#wake.set(device, wakeMs);
    if (wakeMs !== Number.POSITIVE_INFINITY) {
      this.clock.at(Math.max(wakeMs, this.clock.nowMs + 1), () => {
        if (this.#wake.get(device) === wakeMs) this.stepNode(device, { type: 'tick' });
      });
    }
    return pressed;
  }

  /**
   * Cuts the node's power while it has nothing to send. Waiting messages would rightly be lost with
   * it.
   */
  restartIdleNode(device: string): void {
    if (this.node(device).waiting === 0) this.stepNode(device, { type: 'restart' });
  }

  give(input: CoreInput): void {
    if (this.core !== undefined) this.#perform(this.core.handle(input, this.clock.now));
  }

  run(ms: number): void {
    this.clock.runUntil(this.clock.nowMs + ms);
  }

  /** Puts bytes on the line that no enrolled node sent. */
  inject(bytes: Uint8Array): void {
    this.#heardByGateway(bytes);
  }

  #carry(frame: Uint8Array, deliver: (bytes: Uint8Array) => void): void {
    const copies = this.random() < this.weather.lineDuplicate ? 2 : 1;
    for (let copy = 0; copy < copies; copy++) {
      if (this.random() < this.weather.lineLoss) continue;
      const bytes = Uint8Array.from(frame);
      if (this.random() < this.weather.lineFlip) {
        const bit = Math.floor(this.random() * bytes.length * 8);
        bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      }
      this.clock.after(1 + this.random() * 4, () => deliver(bytes));
    }
  }

  #heardByGateway(bytes: Uint8Array): void {
    for (const input of heardInputs(bytes, this.#enrolled, this.clock.nowMs)) this.give(input);
  }

  #perform(effects: readonly Effect[]): void {
    for (const effect of effects) {
      switch (effect.type) {
        case 'send':
          this.#send(effect.attempt);
          break;
        case 'abandon':
          this.receivers.get(effect.path)?.abandon(effect.attempt, this.#run);
          break;
        case 'answer':
          this.#answer(effect);
          break;
        case 'silence':
          this.#down(effect.device, { type: 'silent', nodeEpoch: effect.identity.epoch, silent: effect.silent });
          break;
        case 'journal':
          this.#append(effect.number, effect.entry);
          break;
        case 'publish':
          this.#publish(effect.publication, effect.number);
          break;
        case 'log':
          this.#note(`${effect.event} ${JSON.stringify(effect.fields)}`);
          // Whatever the weather, the gateway must not be restarted for it.
          if (MADE_BY_DEFECTS.has(effect.event)) throw new Error(`${effect.event} ${JSON.stringify(effect.fields)}`);
          break;
        case 'internal':
          for (const input of internalAnswers(effect.effect, this.clock.nowMs)) this.give({ type: 'internal', input });
          break;
      }
    }
    const wakeMs = this.core?.nextWakeMs();
    if (wakeMs === undefined) return;
    const run = this.#run;
    this.clock.at(wakeMs, () => {
      if (this.#run === run && this.core?.nextWakeMs() === wakeMs) this.give({ type: 'tick' });
    });
  }

  #send(attempt: Attempt): void {
    const run = this.#run;
    const { path } = attempt;
    const pathRun = this.#pathRuns.get(path);
    const isOfNow = () => this.#run === run && this.#pathRuns.get(path) === pathRun;
    const { sequence, format } = attempt;
    const report = attempt.report?.id ?? 'poll';
    this.sends.push({ atMs: this.clock.nowMs, path, report, sequence, format });
    this.#note(`send ${path} ${report} ${sequence}`);
    this.clock.after(0, () => {
      if (isOfNow()) this.give({ type: 'sent', path, attempt: attempt.attempt, atMs: this.clock.nowMs });
    });
    this.receivers.get(path)?.take(attempt, run, (outcome) => {
      if (isOfNow()) this.give({ type: 'outcome', path, attempt: attempt.attempt, outcome });
    });
  }

  /**
   * A press that the wall shows as heard must survive a crash at this instant, or have reached a
   * receiver.
   */
  #answer(effect: Extract<Effect, { type: 'answer' }>): void {
    const { device, identity, status } = effect;
    const id = `${device}.${identity.epoch}.${identity.counter}`;
    if (this.pressed.includes(id) && status !== 'notConfirmed' && this.published.get(id)?.mode === 'live') {
      const durable = this.journal.hasAlert(id);
      const displayed = [...this.receivers.values()].some((receiver) => receiver.displayed.has(id));
      if (status === 'accepted' && !displayed) throw new Error(`${id} told accepted, but no receiver displays it`);
      if (!durable && !displayed) throw new Error(`${id} told ${status}, but a crash now would lose it`);
    }
    this.#down(device, { type: 'ack', nodeEpoch: identity.epoch, counter: identity.counter, status });
  }

  #down(device: string, message: DownMessage): void {
    const [address, node] = [...this.#enrolled].find(([, each]) => each.device === device) ?? [];
    if (address === undefined || node === undefined) throw new Error(`no node ${device}`);
    this.#downCounter += 1;
    const header = { address, epoch: this.core?.session ?? 0, counter: this.#downCounter };
    this.#carry(sealFrame(nodeAesCcm, node.key, header, message), (bytes) => {
      if (this.#machines !== undefined) return this.#machines.send(device, bytes);
      for (const body of frameBodies(bytes)) {
        const parsed = parseFrame(body);
        if (parsed.ok) this.stepNode(device, { type: 'frame', frame: parsed.frame });
      }
    });
  }

  #append(number: number, entry: JournalEntry): void {
    this.journal.append(number, entry);
    const run = this.#run;
    this.clock.after(this.random() * this.weather.journalDelayMs, () => {
      if (this.#run !== run || this.weather.journalStuck) return;
      if (this.journal.makeDurable(number)) this.give({ type: 'durable', number });
    });
  }

  #publish(publication: Publication, number: number | undefined): void {
    if (publication.kind === 'alert') this.published.set(publication.document.id, publication.document);
    if (publication.kind === 'device') this.publishedDevices.set(publication.document.device, publication.document);
    if (publication.kind === 'path') this.publishedPaths.set(publication.document.path, publication.document);
    if (publication.kind === 'trouble') this.troubles.push(publication.document);
    if (number === undefined) return;
    const run = this.#run;
    this.clock.after(1, () => {
      if (this.#run === run) this.give({ type: 'published', number, atMs: this.clock.nowMs });
    });
  }

  #note(line: string): void {
    this.trace.push(`${this.clock.nowMs.toFixed(3)} ${line}`);
  }
}
