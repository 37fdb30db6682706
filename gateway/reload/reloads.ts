import { setImmediate as nextTurn } from 'node:timers/promises';
import { messageOf } from '../../protocol/errors.ts';
import type { ReloadDocument, ReloadRequest } from '../../protocol/reload-document.ts';
import type { SiteReading } from '../config/accepted-settings.ts';
import { formatMistake } from '../config/read/mistake.ts';
import type { GatewaySettings, InputSettings } from '../config/settings.ts';
import { known } from '../core/invariant.ts';
import type { LiveCertificates } from '../live-certificates.ts';
import type { MqttLink } from '../mqtt/mqtt-link.ts';
import type { Runtime } from '../runtime.ts';
import { monoMs } from '../system/clock.ts';
import type { Drivers } from './drivers.ts';
import { type SettingsChanges, settingsChanges } from './settings-changes.ts';

export interface ReloadsDeps {
  /** Reads and checks the configuration, away from the alert path. */
  read(): Promise<SiteReading>;
  readonly drivers: Drivers;
  readonly runtime: Pick<Runtime, 'obstacles' | 'reload'>;
  readonly certificates: Pick<LiveCertificates, 'release' | 'reload'>;
  readonly mqtt: Pick<MqttLink, 'reload'>;
  /** These settings are taken up. */
  done(settings: GatewaySettings): void;
  log(level: 'info' | 'warn', event: string, fields: Readonly<Record<string, unknown>>): void;
  /** Default 60,000 ms. */
  readonly readMs?: number;
  /** Default 5,000 ms. */
  readonly againMs?: number;
}

/** A disk that has not answered for this long will not answer the person who waits. */
const READ_MS = 60_000;
/** A reload that somebody asked for with a signal is tried again this often. */
const AGAIN_MS = 5_000;
/** A press that is being heard is an alert after this time, or nothing. */
const BRIEF_MS = 5_000;
const LOOK_MS = 20;
/** An input that is not open after this time is reported as not open. */
const OPEN_MS = 2_000;

/**
 * Takes changed configurations up, one after the other. Until everything is known to be possible
 * nothing is changed.
 */
export class Reloads {
  readonly #deps: ReloadsDeps;
  #settings: GatewaySettings;
  #last: Promise<unknown> = Promise.resolve();
  #isReading = false;
  #again: NodeJS.Timeout | undefined;
  #isStopped = false;

  constructor(settings: GatewaySettings, deps: ReloadsDeps) {
    this.#settings = settings;
    this.#deps = deps;
  }

  /** Never rejects. */
  request({ dryRun, by }: ReloadRequest): Promise<ReloadDocument> {
    const turn = this.#last.then(async () => {
      try {
        const document = await this.#reload(dryRun);
        if (!dryRun) this.#log(document, by);
        return document;
      } catch (error) {
        this.#deps.log('warn', 'config.reloadFailed', { by, detail: messageOf(error) });
        return { state: 'refused', changes: [], mistakes: [], reasons: [messageOf(error)] } as const;
      }
    });
    this.#last = turn;
    return turn;
  }

  /** SIGHUP: nobody waits for the answer, so what is in the way is waited for. */
  async signalled(): Promise<void> {
    clearTimeout(this.#again);
    const { state } = await this.request({ dryRun: false, by: 'SIGHUP' });
    if (state !== 'inTheWay' || this.#isStopped) return;
    clearTimeout(this.#again);
    this.#again = setTimeout(() => void this.signalled(), this.#deps.againMs ?? AGAIN_MS);
    this.#again.unref();
  }

  /** Resolves when no reload is under way. None begins from now on. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    clearTimeout(this.#again);
    await this.#last;
  }

  async #reload(dryRun: boolean): Promise<ReloadDocument> {
    if (this.#isStopped) return refused(['the gateway is ending']);
    const reading = await this.#read();
    if (typeof reading === 'string') return refused([reading]);
    const mistakes = reading.mistakes.map(formatMistake);
    const read = reading.settings;
    if (read === undefined) return { ...refused(['the configuration has mistakes']), mistakes };
    const changes = await inTurns(settingsChanges(this.#settings, read, (input) => this.#takes(input)));
    if (this.#isStopped) return refused(['the gateway is ending']);
    const next = { ...read, site: changes.site };
    const found = { changes: changes.changes, mistakes, reasons: [] };
    if (changes.fixed.length > 0) return { ...found, state: 'refused', reasons: changes.fixed };
    if (changes.changes.length === 0) {
      this.#deps.done(next);
      return { ...found, state: 'unchanged' };
    }
    const obstacles = await this.#obstacles(next, changes);
    if (obstacles.length > 0) return { ...found, state: 'inTheWay', reasons: obstacles };
    if (dryRun) return { ...found, state: 'possible' };
    return { ...found, ...(await this.#takeUp(next, changes)) };
  }

  /** @returns a text if nothing could be read */
  async #read(): Promise<SiteReading | string> {
    if (this.#isReading) return 'the disk of the configuration still does not answer the last reload';
    const readMs = this.#deps.readMs ?? READ_MS;
    this.#isReading = true;
    const reading = this.#deps.read().catch(messageOf);
    void reading.then(() => {
      this.#isReading = false;
    });
    const late = `the configuration could not be read within ${readMs / 1000} s: its disk does not answer`;
    return Promise.race([reading, after(readMs, late)]);
  }

  /** The driver can take the settings of its input without closing it. */
  #takes(settings: InputSettings): boolean {
    return this.#deps.drivers.inputs.get(settings.id)?.takes?.(settings) === true;
  }

  /** Waits a moment for what is over soon. */
  async #obstacles({ site }: GatewaySettings, { reopened }: SettingsChanges): Promise<readonly string[]> {
    for (const untilMs = monoMs() + BRIEF_MS; ; ) {
      const obstacles = this.#deps.runtime.obstacles(site, reopened);
      if (!obstacles.some(({ isBrief }) => isBrief) || monoMs() >= untilMs) return obstacles.map(({ text }) => text);
      await after(LOOK_MS, undefined);
    }
  }

  async #takeUp(
    next: GatewaySettings,
    changes: SettingsChanges,
  ): Promise<Pick<ReloadDocument, 'state' | 'reasons' | 'held_ms' | 'reopened'>> {
    const { drivers, runtime } = this.#deps;
    const present = this.#settings;
    const closing = present.inputs.filter(
      ({ id }) => changes.inputs.includes(id) || !next.inputs.some((each) => each.id === id),
    );
    const closedMs = monoMs();
    await Promise.all(closing.map(({ id }) => drivers.stopInput(id)));
    // An alert may have been raised since, by the last words of an input or through another one.
    const obstacles = await this.#obstacles(next, changes);
    if (obstacles.length > 0 || this.#isStopped) {
      for (const settings of closing) this.#openInput(settings);
      return { state: 'inTheWay', reasons: obstacles };
    }
    const begunMs = monoMs();
    let start: (() => ReadonlyMap<string, Promise<number | null>>) | undefined;
    try {
      runtime.reload(next.site, changes.reopened, () => {
        start = this.#exchange(next, changes, closing);
      });
    } catch (error) {
      // A driver could not be made. The core has not seen the next site.
      this.#putBack(present);
      throw error;
    }
    const heldMs = monoMs() - begunMs;
    this.#settings = next;
    this.#deps.done(next);
    const reopened: Record<string, number | null> = {};
    for (const [id, opened] of start?.() ?? []) {
      const openedMs = await opened;
      if (changes.inputs.includes(id)) reopened[id] = openedMs === null ? null : rounded(openedMs - closedMs);
    }
    return { state: 'done', reasons: [], held_ms: rounded(heldMs), ...(changes.inputs.length > 0 && { reopened }) };
  }

  /**
   * Makes the new drivers and lets go of the old ones. No new driver has started yet: their first
   * words belong to the new site.
   *
   * @returns starts them, and says when each input is open
   */
  #exchange(next: GatewaySettings, changes: SettingsChanges, closing: readonly InputSettings[]) {
    const { certificates, drivers, mqtt } = this.#deps;
    const { reopened } = changes;
    const isNew = (id: string) => !drivers.paths.has(id);
    const before = this.#settings.paths.map(({ id }) => id);
    const gone = before.filter((id) => reopened.paths.has(id) || !next.paths.some((each) => each.id === id));
    for (const { id } of closing) certificates.release(`input.${id}`);
    for (const id of gone) certificates.release(`path.${id}`);
    certificates.reload(next.certificates);
    mqtt.reload(next.mqtt, changes.mqtt);
    const portsFree = Promise.all(gone.map((id) => drivers.removePath(id)));
    for (const { id } of closing) drivers.inputs.delete(id);
    for (const each of next.inputs)
      if (changes.updated.includes(each.id)) known(drivers.inputs, each.id, 'input').update?.(each);
    const paths = next.paths.filter(({ id }) => isNew(id)).map((each) => drivers.addPath(each, portsFree));
    const inputs = next.inputs.filter(({ id }) => !drivers.inputs.has(id));
    // The core's first effects are carried out with them, so they are there although not started.
    const opening = new Map(inputs.map((each) => [each.id, this.#addInput(each)]));
    return () => {
      for (const path of paths) drivers.startPath(path);
      for (const { id } of inputs) known(drivers.inputs, id, 'input').start();
      return opening;
    };
  }

  #addInput(settings: InputSettings): Promise<number | null> {
    const opened = new Promise<number>((resolve) => {
      this.#deps.drivers.addInput(settings, () => resolve(monoMs()));
    });
    return Promise.race([opened, after(OPEN_MS, null)]);
  }

  /** Every driver that an exchange has stopped or left out runs again. */
  #putBack({ inputs, paths }: GatewaySettings): void {
    const { drivers } = this.#deps;
    for (const each of inputs) if (!drivers.isRunning(each.id)) this.#openInput(each);
    for (const each of paths) if (!drivers.paths.has(each.id)) drivers.startPath(drivers.addPath(each));
    for (const id of drivers.paths.keys()) if (!paths.some((each) => each.id === id)) void drivers.removePath(id);
    for (const id of drivers.inputs.keys()) if (!inputs.some((each) => each.id === id)) drivers.inputs.delete(id);
  }

  #openInput(settings: InputSettings): void {
    this.#deps.certificates.release(`input.${settings.id}`);
    this.#deps.drivers.addInput(settings).start();
  }

  #log({ state, changes, mistakes, reasons, held_ms: heldMs }: ReloadDocument, by: string): void {
    const fields = { by, changes: changes.length, ...(heldMs !== undefined && { heldMs }) };
    if (state === 'done' || state === 'unchanged')
      this.#deps.log('info', `config.${state === 'done' ? 'reloaded' : state}`, fields);
    else this.#deps.log('warn', `config.${state}`, { ...fields, reasons: reasons.join('; ') });
    for (const text of mistakes) this.#deps.log('warn', 'config.warning', { text });
  }
}

function refused(reasons: readonly string[]): ReloadDocument {
  return { state: 'refused', changes: [], mistakes: [], reasons };
}

/** Gives way to presses between two steps. */
async function inTurns<T>(steps: Generator<undefined, T>): Promise<T> {
  for (;;) {
    const { done, value } = steps.next();
    if (done === true) return value;
    await nextTurn();
  }
}

async function after<T>(ms: number, value: T): Promise<T> {
  return new Promise((resolve) => {
    setTimeout(() => resolve(value), ms).unref();
  });
}

function rounded(ms: number): number {
  return Math.round(ms * 10) / 10;
}
